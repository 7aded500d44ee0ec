module Recipes.Tests.TrainTests

open System
open Expecto
open TorchSharp
open Recipes.Training
open Recipes.Tests.TrainDoubles
open Recipes.Tests.Support

let private numbers (t: torch.Tensor) =
    t.detach().``to``(torch.float64).contiguous().data<float>().ToArray()

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

[<Tests>]
let tests = torchTests "train" [ testList "loop" loop ]
