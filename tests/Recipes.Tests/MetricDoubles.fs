/// One value of every metric that shows itself.
module Recipes.Tests.MetricDoubles

open System.Collections.Generic
open Recipes
open Recipes.Training
open TorchSharp

let shown () : IDisplay list =
    use scope = torch.NewDisposeScope()
    let box = Box(1.0, 2.0, 30.0, 40.0)
    let labels = torch.tensor [| 0L; 1L; 1L; -1L |]

    [
        RetrievalResult(RankStatistics([| 0; 1 |], 2), RankStatistics([| 0; 0 |], 2))
        ConfusionMatrix(2).Add(torch.tensor [| 0L; 1L; 0L; 1L |], labels)
        DepthMeasure().Add(torch.tensor [| 1.0; 2.0 |], torch.tensor [| 1.5; 2.0 |]).Result()
        BoxMeasure().Add([| BoxTruth(1, box) |], [| BoxGuess(1, box, 0.9) |]).Result()
        BinaryResult.Of([| 0.1; 0.9; 0.6 |], [| false; true; false |])
        MulticlassResult.Of(
            [| [| 0.75; 0.25 |]; [| 0.5; 0.5 |] |]
            |> Array.map (fun row -> row :> IReadOnlyList<float>),
            [| 0; 1 |]
        )
    ]
