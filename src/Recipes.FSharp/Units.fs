namespace Recipes.FSharp

/// One pass over the training set.
[<Measure>]
type epoch
