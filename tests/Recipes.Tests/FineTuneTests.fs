/// Dense networks in the ordinary loop, and fine-tuning as one call.
module Recipes.Tests.FineTuneTests

open System
open Expecto
open Recipes
open Recipes.Data
open Recipes.Models
open Recipes.Training
open Recipes.Verbs
open TorchSharp
open Recipes.Tests.DenseDoubles
open Recipes.Tests.Support

let private near tolerance (a: float) (b: float) what =
    Expect.isLessThan (abs (a - b)) tolerance $"{what}: {a} and {b}"

let private tiny = DenseDatasets.Scenes(8, 4)

let private plan steps =
    TrainPlan(Epochs = 1, MaxSteps = Nullable steps, Optimizer = Optim.AdamW 3e-3, LearningRate = Schedule.Cosine())

let private training =
    [
        for task, head, measure, least in
            [
                DenseTask.Segmentation, (UPerNetSpec.Mini 16: DenseHeadSpec), "pixelAccuracy", 0.8
                DenseTask.Depth, DptSpec.Mini 16, "delta1", 0.8
                DenseTask.Boxes, BoxHeadSpec.Mini 16, "ap50", 0.7
            ] do
            testCase $"{task}: a few pictures are learned by heart in the ordinary loop"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                let data = tiny.For(task).Sized(32).Batched(8, 8 * 120)
                let set = CachedDense(tiny.Open Split.Train)
                let batches = DenseBatches(set, data, 0L)
                use backbone = vit.Build 1L

                use net =
                    DenseNetwork.Over(backbone, head, task, max 1 batches.Classes, maxDepth = 16.0)

                use result =
                    Trainer.Train(
                        net,
                        plan 120,
                        batches,
                        DenseBatches(set, data),
                        TrainOptions(Objective = task.Objective DepthLoss.LogL1)
                    )

                Expect.isGreaterThan result.Final.Numbers[measure] least measure
                Expect.equal result.History[0].Numbers[measure] result.Final.Numbers[measure] "the row has it"
                Expect.equal result.LiveTensorsLate result.LiveTensorsEarly "no tensor leaks"

        testCase "masked autoencoding trains in the ordinary loop, the same from the same seed"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let data = tiny.For(DenseTask.Segmentation).Sized(32).Batched(8, 8 * 30)

            let run () =
                let batches = DenseBatches(CachedDense(tiny.Open Split.Train), data, 0L)
                let test = DenseBatches(CachedDense(tiny.Open Split.Train), data)
                use net = MaeSpec.Mini(vit).Build 0L

                let before =
                    MaskedAutoencoding.Objective.Evaluate(
                        net,
                        test,
                        EvaluationOptions(),
                        Threading.CancellationToken.None
                    )

                use result =
                    Trainer.Train(net, plan 30, batches, test, TrainOptions(Objective = MaskedAutoencoding.Objective))

                Expect.isLessThan result.Final.Loss before.Loss "it learns"
                Expect.equal result.LiveTensorsLate result.LiveTensorsEarly "no tensor leaks"
                Expect.isFalse result.History[0].Top1.HasValue "no accuracy"
                result.Final.Loss

            Expect.equal (run ()) (run ()) "the same"

        testCase "trainings that were interrupted and resumed end in the bits of those that were not"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            let data =
                tiny.For(DenseTask.Segmentation).Sized(32).Batched(4, 16).Augmented(DenseAugment.Usual)

            let kinds: (string * (unit -> torch.nn.Module) * IObjective) list =
                [
                    "UPerNet",
                    (fun () -> DenseNetwork.Over(vit.Build 1L, UPerNetSpec.Mini 8, DenseTask.Segmentation, 12)),
                    SemanticSegmentation.Objective
                    "MAE", (fun () -> MaeSpec.Mini(vit).Build 0L), MaskedAutoencoding.Objective
                ]

            for what, build, objective in kinds do
                let plan =
                    TrainPlan(Epochs = 2, Optimizer = Optim.AdamW 1e-3, LearningRate = Schedule.Constant())

                let train folder stop =
                    use source = new Threading.CancellationTokenSource()

                    let watch =
                        { new ITrainingObserver with
                            member _.Handle(moment, progress) =
                                if moment = TrainingEvent.StepEnd && progress.Step = stop then
                                    source.Cancel()
                        }

                    let options =
                        TrainOptions(
                            Objective = objective,
                            Folder = folder,
                            Resume = true,
                            Cancellation = source.Token,
                            Observers = [| watch |]
                        )

                    let batches = DenseBatches(CachedDense(tiny.Open Split.Train), data, 0L)
                    let test = DenseBatches(CachedDense(tiny.Open Split.Test), data)
                    use net = build ()

                    try
                        use result = Trainer.Train(net, plan, batches, test, options)
                        Some(result.Final.Loss, [ for r in result.History -> r.TrainLoss ])
                    with :? TrainingCancelledException ->
                        None

                inTemporaryFolder
                <| fun folder ->
                    let whole = train null 0L
                    Expect.isNone (train folder 3L) "interrupted"
                    Expect.isNone (train folder 6L) "again"
                    Expect.equal (train folder 0L) whole what

        testCase "fine-tuning is one call that leaves the encoder as it was and shows what it did"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use backbone = mci.Build 1L

            let sum () =
                backbone.parameters () |> Seq.sumBy (fun p -> p.sum().item<float32>())

            let before = sum ()
            let data = tiny.For(DenseTask.Segmentation).Sized(32).Batched(4, 16)

            let options =
                FineTuneOptions(Head = UPerNetSpec.Mini 8, Plan = plan 4, Pictures = 2, LayerDecay = 0.8)

            let tuned = backbone.Segment(data, options)
            Expect.equal (sum ()) before "the encoder"
            Expect.equal tuned.Evidence.Labelled 8 "pictures"
            Expect.equal tuned.Evidence.Steps 4L "steps"
            Expect.equal tuned.Evidence["miou"] tuned.Evidence.Test.Numbers["miou"] "by name"
            Expect.hasLength tuned.Evidence.Pictures.Pictures 2 "pictures"
            Expect.stringContains (tuned.ToHtml()) "data:image/png" "shown"
            Expect.isFalse tuned.Model.training "evaluation mode"
            failsSaying [ "no measure 'mioo'"; "did you mean miou?" ] (fun () -> tuned.Evidence["mioo"] |> ignore)
            // Further, from the network that it gave; and depth with a frozen encoder.
            let further = tuned.Model.Segment(data, options)
            Expect.notEqual further.Evidence.Test.Loss tuned.Evidence.Test.Loss "goes on"

            failsSaying [ "predicts Segmentation"; "the data are Depth" ] (fun () ->
                tuned.Model.EstimateDepth(data, options) |> ignore)

            let probe =
                backbone.EstimateDepth(data, FineTuneOptions(Head = LinearDenseSpec(), Plan = plan 4, Frozen = true))

            let copied =
                probe.Model.Backbone.parameters ()
                |> Seq.sumBy (fun p -> p.sum().item<float32>())

            Expect.equal copied before "a probe"

        testCase "layers learn at their own rates"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let data = tiny.For(DenseTask.Depth).Sized(32).Batched(4, 4)
            let batches = DenseBatches(CachedDense(tiny.Open Split.Train), data, 0L)
            use net = DenseNetwork.Over(vit.Build 1L, LinearDenseSpec(), DenseTask.Depth)

            let weights () =
                Map [ for struct (n, p) in net.named_parameters () -> n, p.detach().clone() ]

            let before = weights ()

            let rates =
                [| PartRate("backbone.blocks", 0.0); PartRate("backbone.blocks.3", 0.5) |]

            let adam = AdamWSpec(LearningRate = 1e-3, Rates = rates)

            use _r =
                Trainer.Train(
                    net,
                    TrainPlan(Epochs = 1, Optimizer = adam, LearningRate = Schedule.Constant()),
                    batches,
                    null,
                    TrainOptions(Objective = DepthRegression())
                )

            let after = weights ()

            let step name =
                (after[name] - before[name]).abs().max().item<float32>()

            Expect.equal (step "backbone.blocks.0.pre_norm_ffn.1.weight") 0f "factor 0"
            near 1e-5 (float (step "backbone.blocks.3.pre_norm_ffn.1.weight")) 5e-4 "the longest name counts"
            near 1e-5 (float (step "head.linear.0.weight")) 1e-3 "all else"

            failsSaying [ "optimizer.rates"; "blockz; did you mean blocks?" ] (fun () ->
                Trainer.Train(
                    net,
                    TrainPlan(
                        Epochs = 1,
                        Optimizer = AdamWSpec(LearningRate = 1e-3, Rates = [| PartRate("blockz", 0.1) |])
                    ),
                    batches,
                    null,
                    TrainOptions(Objective = DepthRegression())
                )
                |> ignore)

        testCase "a plan without rates has the JSON that it had before there were any"
        <| fun () -> Expect.isFalse ((CanonicalJson.Text(plan 3)).Contains "rates") "no rates"

        testCase "options out of range are said together"
        <| fun () ->
            failsSaying [ "layerDecay"; "pictures"; "upernet.channels" ] (fun () ->
                (vit.Build())
                    .Segment(
                        tiny.For DenseTask.Segmentation,
                        FineTuneOptions(LayerDecay = 2.0, Pictures = -1, Head = UPerNetSpec(Channels = 0))
                    )
                |> ignore)
    ]

[<Tests>]
let tests = torchTests "fine-tuning" training
