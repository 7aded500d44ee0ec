/// One value of every public type that shows itself. Names are full of markup where a name may stand.
module Recipes.Tests.ShownDoubles

open System
open System.Collections.Generic
open System.IO
open System.Text.Json.Nodes
open TorchSharp
open Recipes
open Recipes.Data
open Recipes.Display
open Recipes.Models
open Recipes.Reports
open Recipes.Reproductions
open Recipes.Reproductions.Parity
open Recipes.Training
open Recipes.Verbs

let hostile = """<script>alert("x")</script> & 'co' | `a` </style>"""

/// One grey pixel.
let png =
    Convert.FromBase64String
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="

let claim =
    Claim(
        Reproduction = hostile,
        Id = hostile,
        Statement = hostile,
        Kind = ClaimKind.Exact,
        Paper = hostile,
        Where = hostile,
        Measured = Nullable 4.8e-7,
        Unit = hostile,
        Tolerance = hostile,
        Verdict = Verdict.Fails,
        Reason = hostile
    )

let chart =
    Charts.Curves(hostile, hostile, hostile, [ Series.Curve(hostile, [ 1.0; 2.0 ], [ 3.0; 4.0 ]) ])

let profile = Profile(2_000_000L, 10L, 3_000_000L, 4_000L, 20, 5)

let evidence =
    ReparameterizeEvidence(3, profile, profile, 1e-7, 2e-7, 1e-4, [| 1L; 3L; 8L; 8L |])

let private problem = SampleProblem(hostile, hostile, hostile, hostile)

let sampleReport =
    SampleReport.Of(hostile, 3, [ problem; SampleProblem(hostile, hostile, hostile, Kept = true) ])

let shardManifest =
    ShardManifest(2, JsonObject(), [ ShardEntry(0, 3, 10_240L, String('a', 64)) ])

let shardReport =
    ShardReport(hostile, 1, 3, 10_240L, readOnlyDict [ hostile, 3 ], shardManifest, [ problem ])

let evaluation =
    Evaluation(Count = 10, Loss = 0.5, Top1 = 0.75, Top5 = 1.0, Confusion = [| [| 5; 1 |]; [| 2; 2 |] |])

let training =
    new TrainResult(
        History =
            [|
                for e in 0..1 ->
                    EpochRow(
                        Epoch = e,
                        Step = 10L,
                        TrainLoss = 1.5,
                        LearningRate = 0.1,
                        WeightDecay = 0.0,
                        Top1 = Nullable 0.5
                    )
            |],
        Steps = 20L,
        Seconds = 90.0,
        PeakMemory = 1_000_000_000L
    )

let arm seed =
    ArmResult(
        Arm = hostile,
        Seed = seed,
        Recipe = JsonObject(),
        Numbers =
            readOnlyDict
                [
                    "top1", 70.0 + float seed
                    "train_loss", 0.5
                    "images_per_second", 1000.0
                    "seconds", 3.0
                    "live_tensors_growth", 0.0
                ],
        Curve = [| CurvePoint(1.0, 2.0, 1.0, 50.0); CurvePoint(2.0, 1.0, 1.0, 70.0) |]
    )

let results =
    let r = Results(Settings.Create([||], Scale.Smoke, 0L, [||]), [| 0L; 1L |])
    r.Add(arm 0L)
    r.Add(arm 1L)
    r

let reproduction =
    Reproduction
        .Of(Paper("mobileone", hostile, hostile, [||]))
        .With(
            [|
                ClaimDefinition.Of(
                    hostile,
                    ClaimKind.Exact,
                    hostile,
                    PaperValue(hostile, hostile),
                    hostile,
                    (fun _ -> Measured 1.0),
                    Bound.AtMost 1.0
                )
            |]
        )

let private model = new MobileOne(MobileOne.Mini(10, 8))

let private folded =
    Folded<torch.nn.Module<torch.Tensor, torch.Tensor>>(model, evidence)

let private trained = Recipe.For(MobileOne.Mini 10).On(Datasets.ByName "scenes")

let private run () =
    let folder = Directory.CreateTempSubdirectory("recipes-").FullName

    try
        RunOutcome(
            reproduction,
            results,
            [| claim |],
            RunFolder.Open(folder, "r", JsonObject(), RunOptions(Out = Path.Combine(folder, "run"))),
            RunFacts(3.0, 1_000_000_000L, "cpu")
        )
    finally
        Directory.Delete(folder, recursive = true)

/// Built at first use: some of them need libtorch.
let dense = DensePictures(DenseTask.Depth, [| DensePicture(3, png, png, png) |])

let fineTuned =
    FineTuneEvidence(hostile, hostile, DenseTask.Depth, false, 10, 5L, 1.5, training.History, evaluation, dense)

let shown: Lazy<IDisplay list> =
    lazy
        [
            Table.With(Column.Text hostile, Column.Number(hostile, hostile)).Row(hostile, hostile).Caption hostile
            Prose hostile
            Figures(Figure(hostile, hostile, hostile, hostile))
            Picture(png, hostile, hostile, Mark.Wrong, hostile)
            PictureGrid(hostile, [ Picture(png, hostile) ])
            chart
            PlotlyBlock(chart.ToPlotly(), hostile)
            SliderBlock(hostile, hostile, [ struct (hostile, chart); struct ("b", chart) ])
            Blocks [| Prose hostile :> IDisplay; chart; evidence |]
            JsonBlock(JsonNode.Parse """{"a":[],"b":[{"c":"<d>"}],"e":{"f":[1,2]}}""", hostile)
            HtmlReport(hostile, hostile).Fact(hostile, hostile).Section(hostile, Prose hostile, chart, evidence)
            TensorView.Of(torch.ones (8L, 8L))
            ModelTree.Of(model, 3L, 32L, 32L)
            profile
            Latency(1.25, 2.5)
            ModelInfo(hostile, 64, profile, profile, [| PartInfo(hostile, 1L, Nullable 2L, [| 3L |]) |])
            MobileClip.S0
            Segmentation(
                RgbImage(Array.zeroCreate 12, 2, 2),
                [|
                    SegmentedObject(
                        SamPrompt.At(1.0, 1.0),
                        [|
                            SamMask([| true; false; false; true |], 2, 2, 0.9, SamLogits([| 1f |], 1, 1))
                        |]
                    )
                |]
            )
            ZeroShotResult([| hostile |], [| hostile; "b" |], [| [| 0.75; 0.25 |] |])
            Qwen2.B05()
            ConvertEvidence(hostile, "safetensors", "out", 1, 2L, readOnlyDict [ "F32", 1 ], null, null, [| "a" |])
            ExportEvidence(
                hostile,
                17,
                [|
                    ExportedGraph(
                        hostile,
                        [| hostile |],
                        1L,
                        2,
                        [| hostile |],
                        [| hostile |],
                        Nullable 1e-7,
                        [| hostile |]
                    )
                |]
            )
            BenchEvidence(
                [|
                    BenchResult(
                        BenchCase(hostile, hostile, hostile, 2, BenchEngine.Onnx, Nullable BenchForm.Folded),
                        Latency(1.25, 2.5),
                        1600.0,
                        1.0,
                        Nullable 1_000_000L,
                        0.0
                    )
                |],
                20,
                2,
                hostile,
                [| hostile |]
            )
            MobileOne.S0 10
            evidence
            folded
            DistillEvidence(
                hostile,
                SoftTargets(),
                10L,
                [| 2.0; 1.0 |],
                evaluation,
                evaluation,
                hostile,
                [| TeacherAgreement(hostile, 0.5, 0.1, 0.9) |]
            )
            Distilled<_>(
                model,
                DistillEvidence("s", SoftTargets(), 1L, [||], evaluation, evaluation, "test images", [||])
            )
            dense
            fineTuned
            new FineTuned(null, fineTuned, training)
            MergeEvidence(
                [| hostile; hostile |],
                [| 0.5; 0.5 |],
                [| "a" |],
                [| "b" |],
                [||],
                hostile,
                0.1,
                [| 0.1; 0.2 |],
                0.05,
                [| 2L |]
            )
            Merged<_>(model, MergeEvidence([| "a" |], [| 1.0 |], [||], [||], [||], null, 0.0, [| 0.0 |], 0.0, [| 2L |]))
            BucketizeEvidence(3, 100L, [| BucketCount(4, 5); BucketCount(5, 0) |], true, 7L, 1)
            Buckets([||], BucketizeEvidence(3, 100L, [| BucketCount(4, 5) |], false, 7L, 1))
            CaptionEvidence(
                hostile,
                hostile,
                10,
                2,
                3.5,
                0.9,
                7,
                1L,
                NamingShares(0.5, 0.9, 0.4),
                PictureGrid(hostile, [ Picture(png, hostile, hostile) ])
            )
            ReinforceEvidence(10, 2, [| hostile |], 100, 10, 20L, 1000L, 3072L)
            claim
            ClaimsTable.From [ claim; claim ]
            Spread [| 1.0; 2.0 |]
            FirstTokenDoubles.time hostile
            FirstTokenTimes [| FirstTokenDoubles.time hostile |]
            TowerTimes [| TowerTime(FirstTokenDoubles.towers[0], Latency(1.0, 2.0)) |]
            FoldRow(hostile, evidence, Latency(2.0, 3.0), Latency(1.0, 1.5))
            ParityReport(hostile, [| ParityCheck(hostile, hostile, 2.0, hostile) |])
            Recipe.For(MobileOne.Mini 10)
            trained
            trained.Train 2
            trained.Train(2).Reparameterize()
            trained.Train(2).Document
            results
            results[hostile]
            arm 0L
            reproduction
            run ()
            new RecipeOutcome(Model = model, Training = training, Evaluation = evaluation, Folded = folded)
            evaluation
            Robustness(0.75, [| CorruptedTop1(Corruption(CorruptionKind.Jpeg, 1), 0.5) |])
            training
            Scene.At(0L, 7L)
            sampleReport
            shardManifest
            shardReport
            MachineFacts.Current()
            InteractiveCharts()
            yield! MetricDoubles.shown ()
            yield! PairDoubles.shown evaluation training
            yield! DenseRecipeDoubles.shown fineTuned training
        ]
