// Hands the provider's answer to the page that opened this window. A channel reaches this very origin only, and also
// where the opener cannot be reached because its Cross-Origin-Opener-Policy has cut the tie.
const channel = new BroadcastChannel('latchkey:popup')
channel.postMessage({ type: 'latchkey:popup-callback', url: window.location.href })
channel.close()
window.close()
