// Hands the provider's answer to the page that opened this frame, and only to a page of this very origin.
if (window.parent !== window) {
  window.parent.postMessage({ type: 'latchkey:silent-callback', url: window.location.href }, window.location.origin)
}
