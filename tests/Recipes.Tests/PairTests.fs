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

let private numbers (t: torch.Tensor) =
    t.cpu().contiguous().``to``(torch.float32).data<float32>().ToArray()

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

let private teachers =
    lazy
        ([
            for seed in 1L .. 2L ->
                let network = vit.Build seed
                network.eval ()
                PairTeacher(network, ClipTokenizer.Scenes, 12, Normalization.Scenes)
        ])

/// Says the same of every picture, and numbers its captions.
let private captioner =
    { new ICaptioner with
        member _.Name = "counting"

        member _.Caption(images, count, _, first) =
            [|
                for i in 0 .. images.Count - 1 -> [| for k in 1..count -> $"caption {k} of {first + int64 i}" |] :> _
            |]
    }

let private reinforce batch =
    scenes.Reinforce(teachers.Value, captioner, PairReinforceOptions(Views = 3, Captions = 2, Size = 16, Batch = batch))

let private reinforced = lazy (reinforce 5)

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

let private reinforceTests =
    [
        testCase "reinforcement does not depend on batches, and teachers stay as they are"
        <| fun () ->
            let again = reinforce 48

            for i in 0 .. scenes.Count - 1 do
                let a, b = reinforced.Value[i], again[i]

                Expect.equal
                    (b.Augmentations, b.Captions, b.Synthetic[0].Captions)
                    (a.Augmentations, a.Captions, a.Synthetic[0].Captions)
                    "stored"

                let gap =
                    Array.map2 (fun x y -> abs (x - y)) (a.ImageEmbeddings.Row 1) (b.ImageEmbeddings.Row 1)
                    |> Array.max

                Expect.isLessThan gap 0.01f "embeddings, to bfloat16"

            Expect.isFalse (teachers.Value[0].Network.training) "still in evaluation mode"

        testCase "a stored embedding is the teacher's of the replayed picture"
        <| fun () ->
            let set, teacher = reinforced.Value, teachers.Value[1]
            use scope = torch.NewDisposeScope()
            let view = (set.View(7, 2)).Replay(set.Image 7, 16)

            let pixels =
                (view.ToTensor() / 255.0f.ToScalar() - 0.5f.ToScalar()) / 0.25f.ToScalar()

            let expected =
                (teacher.Network :?> IPairEncoder).EncodeImage(pixels.unsqueeze 0L) |> numbers

            let row = Array.zeroCreate<float32> 128
            set.ImageEmbedding(7, 2, row)
            let gap = Array.map2 (fun x y -> abs (x - y)) expected row[64..] |> Array.max
            Expect.isLessThan gap 0.005f "the second teacher's half"
            Expect.equal (set.Synthetic(7, 1)) "caption 2 of 7" "the captioner's"

        testCase "pictures and samples that do not belong together are named"
        <| fun () ->
            let other = source.Open Split.Test
            let samples = [| for i in 0 .. scenes.Count - 1 -> reinforced.Value[i] |]

            failsSaying [ "expected 16 samples"; "expected the key" ] (fun () ->
                ReinforcedPairs(other, samples, [| 64; 64 |]) |> ignore)

            failsSaying [ "width" ] (fun () -> ReinforcedPairs(scenes, samples, [| 64; 32 |]) |> ignore)
    ]

let private tiny: MobileClipSpec = MobileClip.Mini(4, 64, context = 12)

let private teacherDocument =
    (pair_recipe tiny {
        data (CaptionData(source, Size = 16, BatchSize = 16))
        seed 7L
        train 1<epoch>
    })
        .Document

let private step' = ReinforceStep(By = [| teacherDocument |], Views = 2)

let private distilled number =
    pair_recipe tiny {
        data data
        reinforce step'
        distill (ContrastiveTargets())
        clip 1.0
        seed number
        train 2<epoch>
        reparameterize 1e-3
    }

let private recipeTests =
    [
        testCase "a recipe's problems come all together"
        <| fun () ->
            failsSaying
                [
                    "epochs: expected at least 1"
                    "data.batchSize"
                    "knows 16 token ids"
                    "need synthetic ones"
                    "expected teachers, found none"
                    "part: expected at least 1 pair"
                ]
                (fun () ->
                    let model = MobileClip.Mini(4, 64, vocabulary = 16)

                    Recipe
                        .For(model)
                        .On(CaptionData(source, BatchSize = 1, Mix = CaptionMix.Both))
                        .Distill(ContrastiveTargets())
                        .InParts(0)
                        .Train(0)
                    |> ignore)

        testCase "a recipe trains from its reinforced set, folds, and its teacher is trained once for all arms"
        <| fun () ->
            inTemporaryFolder (fun home ->
                use shared = new SharedWork(home)
                use a = (distilled 1L).Run(null, "cpu", shared)
                use b = (distilled 2L).Run(null, "cpu", shared)
                let made = Directory.GetDirectories home |> Array.map Path.GetFileName |> Array.sort
                Expect.hasLength made 1 $"the teacher's folder alone: {made}"
                Expect.stringStarts made[0] "teacher-" "named by its recipe"
                Expect.equal a.Training.Steps 6L "steps"
                Expect.notEqual a.Evaluation.Loss b.Evaluation.Loss "seeds differ"
                Expect.isLessThan a.Folded.Evidence.RelativeDifference 1e-3 "folded"
                Expect.equal a.Evaluation.Count 16 "test images"

                for number in [ "i2t_recall1"; "t2i_recall10"; "pair_loss" ] do
                    Expect.isTrue (a.Evaluation.Numbers.ContainsKey number) number)

        testCase "the same recipe gives the same bits, in one go or resumed"
        <| fun () ->
            inTemporaryFolder (fun home ->
                let weights (o: PairOutcome) =
                    [ for struct (_, p) in o.Model.named_parameters () -> numbers p ]

                use whole = (distilled 1L).Run()
                use stop = new Threading.CancellationTokenSource()

                let stopping =
                    { new ITrainingObserver with
                        member _.Handle(_, progress) =
                            if progress.Step >= 2L && progress.Epochs = 2 then
                                stop.Cancel()
                    }

                use shared = new SharedWork(Path.Combine(home, "shared"))
                let folder = Path.Combine(home, "arm")

                Expect.throwsT<TrainingCancelledException>
                    (fun () ->
                        (distilled 1L)
                            .Run(
                                TrainOptions(Folder = folder, Cancellation = stop.Token, Observers = [| stopping |]),
                                "cpu",
                                shared
                            )
                        |> ignore)
                    "cancelled"

                use resumed =
                    (distilled 1L).Run(TrainOptions(Folder = folder, Resume = true), "cpu", shared)

                Expect.isGreaterThan resumed.Training.ResumedAt 0L "went on"
                Expect.equal (weights resumed) (weights whole) "bits")
    ]

[<Tests>]
let tests =
    torchTests "pairs" (loaderTests @ lossTests @ reinforceTests @ recipeTests)
