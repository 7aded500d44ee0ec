/// Training of images and captions: loaders, the loss, gradient caching, recipes, reinforcement.
module Recipes.Tests.PairTests

open System
open System.IO
open Expecto
open TorchSharp
open Recipes
open Recipes.Data
open Recipes.FSharp
open Recipes.Layers
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training
open Recipes.Verbs
open Recipes.Tests.PairDoubles
open Recipes.Tests.Support

/// What one step of a loss changes in each parameter.
let private moves (spec: ImageTextSpec) (source: IBatchSource) (objective: IObjective) =
    use network = spec.Build 1L

    let before =
        [ for struct (name, p) in network.named_parameters () -> name, numbers p ]

    use _ =
        Trainer.Train(network, step, source, null, TrainOptions(Objective = objective))

    let after = [ for struct (_, p) in network.named_parameters () -> numbers p ]

    List.zip before after
    |> List.map (fun ((name, a), b) -> name, Array.map2 (-) a b)

let private equalMoves tolerance a b =
    for (name, left), (_, right) in List.zip a b do
        let size = left |> Array.map abs |> Array.max |> max 1e-3f
        let gap = Array.map2 (fun x y -> abs (x - y)) left right |> Array.max
        Expect.isLessThan (float (gap / size)) tolerance name

let private batches (loader: CaptionLoader) = CaptionBatches(loader, 80)

let private first (loader: CaptionLoader) epoch =
    use batch = (batches loader).Epoch(EpochRequest epoch) |> Seq.head
    numbers batch.Inputs, batch.Targets.data<int64>().ToArray(), List.ofSeq batch.Indices

let private loaderTests =
    [
        testCase "batches do not depend on the number of workers, nor on where an epoch is entered"
        <| fun () ->
            let loader = loader scenes 16

            let alone =
                CaptionLoader(scenes, ClipTokenizer.Scenes, 12, 16, 16, Normalization.Scenes, Workers = 0)

            Expect.equal (first loader 1) (first alone 1) "workers"
            Expect.notEqual (first loader 0) (first loader 1) "epochs differ"

            let second request =
                (batches loader).Epoch request |> Seq.head

            use entered = second (EpochRequest(1, 2))
            let all = [ for batch in (batches alone).Epoch(EpochRequest 1) -> batch ]
            Expect.equal (numbers entered.Inputs) (numbers all[2].Inputs) "entered at the third"
            all |> List.iter _.Dispose()

        testCase "values out of range come all together"
        <| fun () ->
            failsSaying
                [
                    "batch size"
                    "context"
                    "views: expected 1 to the 0 that are stored"
                    "has no synthetic ones"
                ]
                (fun () ->
                    let bad =
                        CaptionLoader(
                            scenes,
                            ClipTokenizer.Scenes,
                            2,
                            0,
                            16,
                            Normalization.Scenes,
                            Views = 1,
                            Mix = CaptionMix.Both
                        )

                    (batches bad).Epoch(EpochRequest 0) |> Seq.head |> ignore)
    ]

let private lossTests =
    [
        testCase "gradients made part by part are those of the whole batch"
        <| fun () ->
            let source = CaptionBatches(loader scenes 32)
            let whole = moves vit source (Contrastive())
            equalMoves 1e-5 whole (moves vit source (Contrastive(Part = Nullable 8)))
            equalMoves 1e-5 whole (moves vit source (Contrastive(Part = Nullable 7)))

            Expect.isGreaterThan (whole |> List.sumBy (snd >> Array.sumBy abs)) 0.1f "something moved"

        testCase "features of other ranks join through the hook"
        <| fun () ->
            // Two ranks that hold the same pairs: each row's own pair occurs twice, so the loss grows by at most ln 2.
            let twice (rows: torch.Tensor) = torch.cat ([| rows; rows |], 0L)
            use network = vit.Build 1L
            use batch = (batches (loader scenes 16)).Epoch(EpochRequest 0) |> Seq.head
            use image = network.EncodeImage batch.Inputs
            use text = network.EncodeText(batch.Targets.flatten (0L, 1L))
            use expected = ContrastiveLoss.Of(twice image, twice text, network.Scale())
            let seen = ResizeArray()

            let watching =
                { new ITrainingAlgorithm with
                    member _.Name = "watch"

                    member _.Handle(moment, state) =
                        if moment = TrainingEvent.LossReady then
                            seen.Add(state.Loss.item<float32>())
                }

            let objective = Contrastive(Gather = twice)

            use _ =
                Trainer.Train(
                    network,
                    step,
                    batches (loader scenes 16),
                    null,
                    TrainOptions(Objective = objective, Algorithms = [| watching |])
                )

            Expect.floatClose Accuracy.medium (float seen[0]) (float (expected.item<float32>())) "the loss of both"

        testCase "the logit scale stays at most 100"
        <| fun () ->
            use network = vit.Build 1L
            use scale = network.get_parameter "logit_scale"

            using (torch.no_grad ()) (fun _ -> scale.fill_ (torch.tensor(9.0f).ToScalar()) |> ignore)

            use _ =
                Trainer.Train(
                    network,
                    step,
                    batches (loader scenes 16),
                    null,
                    TrainOptions(Objective = Contrastive(), Algorithms = [| LogitScaleClamp() |])
                )

            Expect.isLessThanOrEqual (scale.item<float32>()) (float32 (log 100.0)) "clamped"

        testCase "live teachers and stored ones give one loss"
        <| fun () ->
            let set = reinforced.Value
            let by = ContrastiveTargets(Lambda = 0.75, TeacherScales = [| 20.0; 30.0 |])

            let pairs =
                CaptionLoader(
                    set,
                    ClipTokenizer.Scenes,
                    12,
                    16,
                    16,
                    Normalization.Scenes,
                    Views = Nullable 3,
                    Mix = CaptionMix.Both
                )

            let source = CaptionBatches pairs
            let stored = moves vit source (ContrastiveDistillation(by, set.Widths, "two"))

            let live =
                moves vit source (ContrastiveDistillation(by, [| for t in teachers.Value -> t.Network |]))
            // Stored embeddings are rounded to bfloat16.
            equalMoves 0.05 stored live
    ]

[<Tests>]
let tests = torchTests "pairs" (loaderTests @ lossTests)
