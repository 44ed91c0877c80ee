/** A window that this page opened. */
export interface PopupWindow {
  navigate(url: string): void
  /** `here`: on this origin still; `elsewhere`: seen on another one; `gone`: closed, or out of reach by its opener policy. */
  whereabouts(): 'here' | 'elsewhere' | 'gone'
  close(): void
}

export interface PopupSize {
  readonly width: number
  readonly height: number
}

/** Null when the browser blocked it. Has to be called in the person's gesture. @spec HTML §7.2.2.1 (window.open) */
export function openPopupWindow({ width, height }: PopupSize): PopupWindow | null {
  const left = window.screenX + Math.max(0, (window.outerWidth - width) / 2)
  const top = window.screenY + Math.max(0, (window.outerHeight - height) / 2)
  const features = `popup,width=${width},height=${height},left=${Math.round(left)},top=${Math.round(top)}`
  const popup = window.open('about:blank', '_blank', features)
  if (popup === null) return null
  return {
    navigate: (url) => popup.location.replace(url),
    whereabouts() {
      if (popup.closed) return 'gone'
      try {
        return popup.location.href === '' ? 'elsewhere' : 'here'
      } catch {
        return 'elsewhere'
      }
    },
    close: () => popup.close(),
  }
}
