namespace Recipes.FSharp

/// One pass over the training images.
[<Measure>]
type epoch

/// Pixels of an image's side.
[<Measure>]
type px

/// Images.
[<Measure>]
type image
