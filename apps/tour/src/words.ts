/** 128 short words that are easy to tell apart and to type. */
export const words: readonly string[] = `
acorn amber anchor apple april arrow aspen autumn badge bamboo barley basil beach berry birch bottle
brass bread brick bridge bronze brook brush butter button cabin camel candle canvas canyon carbon carpet
castle cedar chalk cherry chess clay cliff clock cloud clover cobalt coffee comet copper coral cotton
crane crystal daisy delta desert dune eagle ember falcon feather fern flute forest fossil fox garden
garnet ginger glacier granite grape harbor hazel heron honey indigo iris island ivory jasper kettle ladder
lagoon lantern lemon lilac linen lotus magnet maple marble meadow mint mirror nectar nickel north oak
ocean olive onyx orchid otter paper pearl pebble pepper pine planet plum pocket prairie quartz quill
rabbit raven ribbon river saddle saffron silver spruce summit sunset tulip velvet violet walnut willow winter
`
  .trim()
  .split(/\s+/)
