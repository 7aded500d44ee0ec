module Recipes.Tests.TrainTests

open System
open System.IO
open System.Text.Json
open System.Threading
open Expecto
open TorchSharp
open Recipes
open Recipes.Data
open Recipes.Training
open Recipes.Weights
open Recipes.Tests.Support

type private Net = torch.nn.Module<torch.Tensor, torch.Tensor>

/// Images of three classes that differ in mean colour, with noise; easy to learn.
let private images count batch seed =
    torch.manual_seed 5L |> ignore
    let labels = torch.arange(int64 count).remainder(torch.tensor 3L)
    let x = torch.randn (int64 count, 3L, 8L, 8L)

    let signal =
        torch.nn.functional.one_hot(labels, 3L).``to``(torch.float32).view(int64 count, 3L, 1L, 1L)

    let seed = seed |> Option.toNullable
    TensorSource("colours", x.add_ signal, labels.``to`` torch.int64, 3, batch, seed)

let private convNet seed =
    torch.manual_seed seed |> ignore

    torch.nn.Sequential(
        struct ("conv", torch.nn.Conv2d(3L, 6L, 3L) :> Net),
        struct ("norm", torch.nn.BatchNorm2d 6L :> Net),
        struct ("act", torch.nn.ReLU() :> Net),
        struct ("pool", torch.nn.AdaptiveAvgPool2d 1L :> Net),
        struct ("flat", torch.nn.Flatten() :> Net),
        struct ("head", torch.nn.Linear(6L, 3L) :> Net)
    )

let private linear seed =
    torch.manual_seed seed |> ignore
    torch.nn.Sequential(struct ("flat", torch.nn.Flatten() :> Net), struct ("fc", torch.nn.Linear(192L, 3L) :> Net))

let private numbers (t: torch.Tensor) =
    t.detach().``to``(torch.float64).contiguous().data<float>().ToArray()

let private mixing =
    [
        testCase "label smoothing is (1 - e)·onehot + e/C"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let target = LabelSmoothing.Smooth(torch.tensor [| 1L |], 4, 0.1)
            let expected = [| 0.025; 0.925; 0.025; 0.025 |]

            for e, a in Array.zip expected (numbers target) do
                Expect.floatClose Accuracy.medium a e "the paper's target"

        testCase "cross-entropy of soft targets equals that of classes"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let logits, labels = torch.randn (5L, 4L), torch.tensor [| 0L; 1L; 2L; 3L; 0L |]
            let hard = Classification.CrossEntropy(logits, labels)

            let soft =
                Classification.CrossEntropy(logits, LabelSmoothing.Smooth(labels, 4, 0.0))

            Expect.floatClose Accuracy.medium (hard.item<float32>() |> float) (soft.item<float32>() |> float) "loss"

            let smooth =
                Classification.CrossEntropy(logits, LabelSmoothing.Smooth(labels, 4, 0.1))

            let torchs =
                torch.nn.functional.cross_entropy (logits, labels, label_smoothing = 0.1)

            Expect.floatClose
                Accuracy.medium
                (smooth.item<float32>() |> float)
                (torchs.item<float32>() |> float)
                "smoothed"

        testCase "mixup blends images and targets by lambda"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let x, y = torch.tensor (array2D [ [ 1f ]; [ 3f ] ]), torch.eye 2L
            let struct (mixed, targets) = Mixing.Mixup(x, y, torch.tensor [| 1L; 0L |], 0.75)
            Expect.equal (numbers mixed) [| 1.5; 2.5 |] "inputs"
            Expect.equal (numbers targets) [| 0.75; 0.25; 0.25; 0.75 |] "targets"

        testCase "cutmix swaps exactly the box, and targets follow its area"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let x = torch.stack [| torch.zeros (1L, 4L, 5L); torch.ones (1L, 4L, 5L) |]
            let box = PixelBox(1, 2, 3, 5)

            let struct (mixed, targets) =
                Mixing.CutMix(x, torch.eye 2L, torch.tensor [| 1L; 0L |], box)

            Expect.equal box.Area 6 "area"
            Expect.equal (mixed.select(0L, 0L).sum().item<float32>()) 6f "ones in the first image"
            Expect.equal (mixed.select(0L, 1L).sum().item<float32>()) 14f "ones in the second"

            Expect.equal
                (numbers (mixed.select(0L, 0L).select(0L, 0L).select(0L, 1L)))
                [| 0.0; 0.0; 1.0; 1.0; 1.0 |]
                "the row inside"

            Expect.floatClose Accuracy.medium (Array.item 1 (numbers targets)) (6.0 / 20.0) "share of the partner"
            Expect.equal (x.sum().item<float32>()) 20f "the argument is unchanged"

        testCase "boxes keep inside and average to 1 - lambda; Beta has its mean and variance"
        <| fun () ->
            let mutable rng = Rng.Stream(1L, "mix")

            for _ in 1..200 do
                let lambda = rng.NextDouble()
                let box = Mixing.Box(32, 24, lambda, &rng)
                Expect.isTrue (box.Top >= 0 && box.Left >= 0 && box.Bottom <= 32 && box.Right <= 24) "inside"

                Expect.isLessThanOrEqual
                    (float box.Area)
                    ((1.0 - lambda) * 768.0 + 1e-9)
                    "at most 1 - lambda of the area"

            for alpha in [ 0.2; 1.0; 3.0 ] do
                let values = [ for _ in 1..4000 -> Mixing.Beta(alpha, &rng) ]
                let mean = List.average values
                let variance = values |> List.averageBy (fun v -> (v - mean) ** 2.0)
                Expect.isLessThan (abs (mean - 0.5)) 0.03 $"mean of Beta({alpha})"
                Expect.isLessThan (abs (variance - 0.25 / (2.0 * alpha + 1.0))) 0.01 $"variance of Beta({alpha})"

        testCase "mixing keeps each image's label mass"
        <| fun () ->
            let sums = ResizeArray()

            let watch =
                { new ITrainingAlgorithm with
                    member _.Name = "watch"

                    member _.Handle(moment, state) =
                        if moment = TrainingEvent.LossReady then
                            sums.AddRange(numbers (state.Targets.sum 1L))
                }

            let plan = TrainPlan(Epochs = 2, Mixup = 0.2, CutMix = 1.0, LabelSmoothing = 0.1)

            use result =
                Trainer.Train(convNet 1L, plan, images 24 8 (Some 1L), null, TrainOptions(Algorithms = [| watch |]))

            Expect.hasLength sums 48 "targets seen"
            Expect.isTrue (sums |> Seq.forall (fun s -> abs (s - 1.0) < 1e-5)) "each sums to one"
    ]

let private loop =
    [
        testCase "a small network learns; history, evaluation, average and memory are there"
        <| fun () ->
            let train, test = images 96 16 (Some 3L), images 30 16 None

            let plan =
                TrainPlan(
                    Epochs = 6,
                    Optimizer = Optim.Sgd(0.2, weightDecay = 1e-4),
                    LabelSmoothing = 0.1,
                    Ema = 0.9,
                    EmaWarmup = true,
                    ClipNorm = 5.0
                )

            use net = convNet 1L
            use result = Trainer.Train(net, plan, train, test)
            Expect.hasLength result.History 6 "rows"
            Expect.equal result.Steps 36L "steps"
            Expect.isGreaterThan result.Final.Top1 0.8 "learned"
            Expect.isGreaterThan result.FinalEma.Top1 0.7 "so did the average"
            Expect.isLessThan result.History[5].TrainLoss result.History[0].TrainLoss "the loss falls"
            Expect.equal result.Final.Count 30 "all test samples, short batch included"
            Expect.equal (result.Final.Confusion |> Seq.sumBy Seq.sum) 30 "confusion counts each once"

            Expect.isTrue
                (result.Final.Samples
                 |> Seq.forall (fun s -> s.Label = s.Index % 3 && s.Probability > 0.3))
                "samples"

            Expect.equal result.LiveTensorsLate result.LiveTensorsEarly "no tensor leaks"
            Expect.isGreaterThan result.PeakMemory 0L "peak memory"
            Expect.isTrue net.training "the mode is restored"
            // The module holds the raw weights, and the snapshot the averaged ones.
            let raw = Evaluator.Evaluate(net, test)
            Expect.equal raw.Loss result.Final.Loss "raw"
            result.Ema.Restore net
            Expect.equal (Evaluator.Evaluate(net, test).Loss) result.FinalEma.Loss "averaged"

        testCase "live tensors stay flat with everything on"
        <| fun () ->
            let plan =
                TrainPlan(
                    Epochs = 4,
                    Optimizer = Optim.AdamW 1e-2,
                    Mixup = 0.2,
                    CutMix = 1.0,
                    LabelSmoothing = 0.1,
                    Ema = 0.99,
                    ClipNorm = 0.1,
                    Accumulate = 2,
                    NonFinite = NonFinite.SkipStep
                )

            inTemporaryFolder (fun folder ->
                let options = TrainOptions(Folder = folder, CheckpointSteps = 2)

                use result =
                    Trainer.Train(convNet 1L, plan, images 48 8 (Some 3L), images 12 8 None, options)

                Expect.equal result.Steps 12L "steps"
                Expect.equal result.LiveTensorsLate result.LiveTensorsEarly "flat")

        testCase "k accumulated batches make the step of one batch"
        <| fun () ->
            let run batch accumulate =
                let net = linear 1L
                let plan = TrainPlan(Epochs = 3, Optimizer = Optim.Sgd 0.1, Accumulate = accumulate)
                use result = Trainer.Train(net, plan, images 48 batch (Some 3L))
                result.History[2].TrainLoss, numbers (Seq.head (net.parameters ()))

            let loss1, weights1 = run 16 1
            let loss4, weights4 = run 4 4
            Expect.floatClose Accuracy.medium loss4 loss1 "loss"
            let difference = Array.map2 (fun a b -> abs (a - b)) weights1 weights4 |> Array.max
            Expect.isLessThan difference 1e-6 "weights"

        testCase "clipping brings the norm to the limit, as torch does"
        <| fun () ->
            Expect.equal (ClipGradients.Factor(0.5, 1.0)) 1.0 "inside"
            Expect.floatClose Accuracy.medium (ClipGradients.Factor(10.0, 1.0)) 0.1 "outside"

            let norms = ResizeArray()

            let watch =
                { new ITrainingAlgorithm with
                    member _.Name = "watch"

                    member _.Handle(moment, state) =
                        if moment = TrainingEvent.Stepped then
                            norms.Add(state.Weights.GradientNorm(), state.GradientNorm)
                }

            let plan =
                TrainPlan(Epochs = 1, ClipNorm = 0.01, Optimizer = SgdSpec(LearningRate = 0.1, Momentum = 0.0))

            use _ =
                Trainer.Train(linear 1L, plan, images 16 8 (Some 3L), null, TrainOptions(Algorithms = [| watch |]))

            Expect.hasLength norms 2 "steps"

            for after, before in norms do
                Expect.isGreaterThan before 0.01 "before"
                Expect.floatClose Accuracy.low after 0.01 "after"

        testCase "events come in the documented order"
        <| fun () ->
            let seen = ResizeArray()

            let watch =
                { new ITrainingAlgorithm with
                    member _.Name = "watch"
                    member _.Handle(moment, _) = seen.Add moment
                }

            use _ =
                Trainer.Train(
                    linear 1L,
                    TrainPlan(Epochs = 1, Accumulate = 2),
                    images 16 4 (Some 3L),
                    null,
                    TrainOptions(Algorithms = [| watch |])
                )

            let batch = [ TrainingEvent.BatchReady; TrainingEvent.LossReady ]

            let step =
                batch
                @ batch
                @ [ TrainingEvent.GradientsReady; TrainingEvent.Stepped; TrainingEvent.StepEnd ]

            Expect.equal
                (List.ofSeq seen)
                ([ TrainingEvent.TrainingStart; TrainingEvent.EpochStart ]
                 @ step
                 @ step
                 @ [ TrainingEvent.EpochEnd; TrainingEvent.TrainingEnd ])
                "events"

        testCase "progressive resolution asks the data for its size and strength"
        <| fun () ->
            let asked = ResizeArray()
            let inner = images 16 8 (Some 1L)

            let source =
                { new IBatchSource with
                    member _.Name = "asks"
                    member _.Classes = 3
                    member _.BatchesPerEpoch = 2

                    member _.Epoch request =
                        asked.Add((request.Size, request.Strength))
                        inner.Epoch request
                }

            let plan =
                TrainPlan(Epochs = 4, Progressive = [| ResolutionPhase(0.0, 24, 0.3); ResolutionPhase(0.5, 32) |])

            use _ = Trainer.Train(convNet 1L, plan, source)
            let small, large = (Nullable 24, 0.3), (Nullable 32, 1.0)
            Expect.equal (List.ofSeq asked) [ small; small; large; large ] "sizes"

        testCase "max steps end training early, and the schedule spans them"
        <| fun () ->
            use result =
                Trainer.Train(linear 1L, TrainPlan(Epochs = 10, MaxSteps = 5), images 16 4 (Some 3L))

            Expect.equal result.Steps 5L "steps"
            Expect.hasLength result.History 2 "one and a quarter epochs"

            Expect.floatClose
                Accuracy.medium
                result.History[1].LearningRate
                (0.1 * 0.5 * (1.0 + cos (Math.PI * 4.0 / 5.0)))
                "last step's rate"

        testCase "bf16 trains and gives float32 weights back"
        <| fun () ->
            let train = images 48 16 (Some 3L)
            use net = convNet 1L

            use result =
                Trainer.Train(
                    net,
                    TrainPlan(Epochs = 5, Precision = Precision.Bf16, Ema = 0.9),
                    train,
                    images 30 16 None
                )

            Expect.isTrue (net.parameters () |> Seq.forall (fun p -> p.dtype = torch.float32)) "float32 again"
            Expect.isGreaterThan result.Final.Top1 0.5 "learns"

        testCase "channels-last and contiguous give the same training within rounding"
        <| fun () ->
            let run layout =
                use net = convNet 1L

                use result =
                    Trainer.Train(net, TrainPlan(Epochs = 2, ChannelsLast = layout), images 48 16 (Some 3L))

                result.History[1].TrainLoss

            Expect.floatClose Accuracy.low (run ChannelsLast.On) (run ChannelsLast.Off) "loss"
    ]

let private pictures =
    let source = Datasets.Scenes(48, 16)

    let loader workers =
        ImageLoader(
            source.Open Split.Train,
            Augment.None.RandomResizedCrop().Flip(),
            8,
            16,
            source.Normalization,
            Seed = 3L,
            DropLast = true,
            Workers = workers
        )

    let test () =
        ImageBatches(ImageLoader.ForEvaluation(source.Open Split.Test, 8, 16, source.Normalization))

    let classifier seed =
        torch.manual_seed seed |> ignore

        torch.nn.Sequential(
            struct ("conv", torch.nn.Conv2d(3L, 6L, 3L, stride = 2) :> Net),
            struct ("pool", torch.nn.AdaptiveAvgPool2d 1L :> Net),
            struct ("flat", torch.nn.Flatten() :> Net),
            struct ("head", torch.nn.Linear(6L, 10L) :> Net)
        )

    let plan =
        TrainPlan(Epochs = 3, Ema = 0.9, Progressive = [| ResolutionPhase(0.0, 12, 0.5); ResolutionPhase(0.5, 16) |])

    [
        testCase "scenes train through the prefetching loader; nothing leaks, and workers change no bit"
        <| fun () ->
            let run workers =
                use net = classifier 1L
                use result = Trainer.Train(net, plan, ImageBatches(loader workers), test ())
                Expect.equal result.LiveTensorsLate result.LiveTensorsEarly "flat"
                [ for row in result.History -> row.TrainLoss, row.TestLoss, row.EmaLoss ]

            Expect.equal (run 2) (run 0) "losses"

        testCase "a run resumes inside an epoch of the prefetching loader"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let train resume stop =
                    use cancel = new CancellationTokenSource()

                    let watch =
                        ProgressObserver(fun moment p ->
                            if moment = TrainingEvent.StepEnd && p.Step = stop then
                                cancel.Cancel())

                    let options =
                        TrainOptions(
                            Folder = (if resume then folder else null),
                            Resume = resume,
                            Cancellation = cancel.Token,
                            Observers = [| watch |]
                        )

                    use result =
                        Trainer.Train(classifier 1L, plan, ImageBatches(loader 2), test (), options)

                    [ for row in result.History -> row.TrainLoss, row.TestLoss, row.EmaLoss ]

                Expect.throwsT<TrainingCancelledException> (fun () -> train true 8L |> ignore) "stopped"
                Expect.equal (train true -1L) (train false -1L) "losses")
    ]

let private guards =
    [
        testCase "a loss that is not finite stops with step, loss and parameter; the last good checkpoint stays"
        <| fun () ->
            let poison =
                { new ITrainingAlgorithm with
                    member _.Name = "poison"

                    member _.Handle(moment, state) =
                        if moment = TrainingEvent.LossReady && state.Step = 5L then
                            state.Loss <- state.Loss * Single.NaN
                }

            inTemporaryFolder (fun folder ->
                let options =
                    TrainOptions(Algorithms = [| poison |], Folder = folder, CheckpointSteps = 2)

                failsSaying
                    [
                        "step 6"
                        "epoch 1"
                        "learning rate"
                        "losses before:"
                        "fc.weight (gradient)"
                        "step-000000004"
                    ]
                    (fun () ->
                        Trainer.Train(linear 1L, TrainPlan(Epochs = 3), images 16 4 (Some 3L), null, options)
                        |> ignore))

        testCase "a step that is not finite can be left out, and harms nothing"
        <| fun () ->
            let poison =
                { new ITrainingAlgorithm with
                    member _.Name = "poison"

                    member _.Handle(moment, state) =
                        if moment = TrainingEvent.BatchReady && state.Step = 3L then
                            state.Inputs <- state.Inputs * Single.NaN
                }

            use net = convNet 1L
            let plan = TrainPlan(Epochs = 2, NonFinite = NonFinite.SkipStep, Ema = 0.9)

            use result =
                Trainer.Train(
                    net,
                    plan,
                    images 32 8 (Some 3L),
                    images 12 8 None,
                    TrainOptions(Algorithms = [| poison |])
                )

            Expect.equal result.Skipped 1 "one step"

            Expect.isTrue
                (Double.IsFinite result.Final.Loss && Double.IsFinite result.FinalEma.Loss)
                "statistics and average stay finite"

        testCase "what does not fit together is said at once, before anything runs"
        <| fun () ->
            failsSaying [ "epochs"; "do not make one step"; "2 classes" ] (fun () ->
                let test =
                    TensorSource("two", torch.zeros (2L, 1L), torch.zeros (2L, torch.int64), 2, 1)

                Trainer.Train(linear 1L, TrainPlan(Epochs = 0, Accumulate = 100), images 16 4 None, test)
                |> ignore)

            failsSaying [ "logits [B, 3]"; "[4, 5]"; "classes" ] (fun () ->
                use head =
                    torch.nn.Sequential(torch.nn.Flatten() :> Net, torch.nn.Linear(192L, 5L) :> Net)

                Evaluator.Evaluate(head, images 4 4 None) |> ignore)

        testCase "metrics and TensorBoard events are written as training goes"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                use metrics = new MetricsFile(folder)

                let options =
                    TrainOptions(Folder = folder, Observers = [| metrics; TensorBoardEvents(folder, 1) |])

                use result =
                    Trainer.Train(
                        convNet 1L,
                        TrainPlan(Epochs = 2, Ema = 0.9),
                        images 16 8 (Some 3L),
                        images 9 3 None,
                        options
                    )

                let rows =
                    File.ReadAllLines(Path.Combine(folder, "metrics.jsonl"))
                    |> Array.map (fun l -> JsonDocument.Parse(l).RootElement)

                let split = [ for r in rows -> r.GetProperty("split").GetString() ]
                Expect.equal split [ "train"; "train"; "test"; "ema"; "train"; "train"; "test"; "ema" ] "rows"
                Expect.equal (rows[6].GetProperty("top1").GetDouble()) result.Final.Top1 "top-1"
                Expect.equal (rows[5].GetProperty("step").GetInt64()) 4L "step"

                for name in [ "lr"; "wd"; "loss"; "images_per_s"; "elapsed_s"; "epoch" ] do
                    Expect.isTrue (rows |> Array.forall (fun r -> r.TryGetProperty name |> fst)) name

                let events = Directory.GetFiles(Path.Combine(folder, "tensorboard"), "*tfevents*")
                Expect.hasLength events 1 "one event file"
                // Records are length, checksum, data, checksum; their lengths must add up to the file's.
                let bytes = File.ReadAllBytes events[0]

                let rec records at =
                    if at = bytes.Length then
                        0
                    else
                        1 + records (at + 16 + int (BitConverter.ToInt64(bytes, at)))

                Expect.equal (records 0) (1 + 4 * 5 + 2 * 5) "records: version, 5 a step, 5 an epoch")
    ]

[<Tests>]
let tests =
    torchTests
        "train"
        [
            testList "mixing" mixing
            testList "loop" loop
            testList "pictures" pictures
            testList "guards" guards
        ]
