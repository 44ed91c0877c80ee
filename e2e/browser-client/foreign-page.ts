const frame = document.createElement('iframe')
frame.src = new URLSearchParams(location.search).get('frame') ?? 'about:blank'
document.body.append(frame)
