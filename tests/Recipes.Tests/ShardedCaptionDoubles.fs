/// Captioned sets as their tests open them.
module Recipes.Tests.ShardedCaptionDoubles

open Recipes.Data
open Recipes.Tests.ShardDoubles

/// Shards all of which are for training and for testing.
let whole path =
    Datasets.Shards([| path |]).WithTest([| path |])

let openTrain (source: CaptionSource) = source.Open Split.Train

let skip (source: StoredCaptionSource) = source.SkipBad().Open Split.Train

/// The first pixel's red, which tells pictures apart.
let red (image: RgbImage) = int image.Rgb[0]

/// A shard of one picture with this caption.
let oneWith caption =
    tar [ "a.png", picture 8 (1uy, 2uy, 3uy); "a.txt", caption ]
