// The provider loads this page in a frame when a person signs out there. Every tab of this origin hears whose session it was.
const { searchParams } = new URL(window.location.href)
const channel = new BroadcastChannel('latchkey:front-channel-logout')
channel.postMessage({
  type: 'latchkey:front-channel-logout',
  iss: searchParams.get('iss'),
  sid: searchParams.get('sid'),
})
channel.close()
