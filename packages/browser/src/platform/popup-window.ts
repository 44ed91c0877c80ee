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

/** In the middle of this window; null when the browser blocked it. Call it in the person's gesture. @spec HTML §7.2.2.1 (window.open) */
export function openPopupWindow({ width, height }: PopupSize = { width: 480, height: 640 }): PopupWindow | null {
  const left = screenX + (outerWidth - width) / 2
  const top = screenY + (outerHeight - height) / 2
  const popup = open('about:blank', '_blank', `popup,width=${width},height=${height},left=${left},top=${top}`)
  return (
    popup && {
      navigate: (url) => popup.location.replace(url),
      whereabouts() {
        try {
          return popup.closed ? 'gone' : popup.location.href ? 'here' : 'elsewhere'
        } catch {
          return 'elsewhere'
        }
      },
      close: () => popup.close(),
    }
  )
}
