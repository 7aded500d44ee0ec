module Recipes.Tests.DenseRecipeTests

open System
open System.IO
open Expecto
open Recipes
open Recipes.Data
open Recipes.FSharp
open Recipes.Models
open Recipes.Reports
open Recipes.Reproductions
open Recipes.Training
open Recipes.Tests.DenseRecipeDoubles
open Recipes.Tests.Support
open TorchSharp

let private weights (network: torch.nn.Module) =
    [
        for struct (name, p) in network.named_parameters () -> name, VerbDoubles.numbers p
    ]

let private recipeTests =
    [
        testCase "an encoder is trained once for all tasks, and fine-tuning leaves it as it is"
        <| fun () ->
            inTemporaryFolder (fun home ->
                use shared = new SharedWork(home)
                let from = Pretraining.By(clip 1L)
                use a = (tuned from 1L).Run(null, "cpu", shared, 1)
                let made = Directory.GetDirectories home
                let before = File.GetLastWriteTimeUtc made[0]
                use b = (tuned from 1L).Run(null, "cpu", shared, 0)
                Expect.hasLength made 1 "one pretraining"
                Expect.equal (File.GetLastWriteTimeUtc made[0]) before "made once"
                Expect.equal a.Evidence.Test.Loss b.Evidence.Test.Loss "the second starts where the first did"
                Expect.equal a.Pretraining.Samples 32L "two steps of 16"
                Expect.isTrue (a.Pretraining.Top1.HasValue && a.Pretraining.Seconds > 0.0) "zero-shot, time"
                Expect.hasLength a.Evidence.Pictures.Pictures 1 "as many pictures as asked"
                Expect.isTrue (a.Evidence["miou"] >= 0.0 && a.Evidence["miou"] <= 1.0) "mIoU")

        testCase "every pretraining gives its own encoder to the same head"
        <| fun () ->
            use shared = new SharedWork()

            let losses =
                [
                    for from in
                        [
                            Pretraining.None(vit, 1L)
                            Pretraining.By(clip 1L)
                            Pretraining.By(supervised 1L :> IRecipe)
                            Pretraining.By(masked 1L)
                        ] do
                        use outcome = (tuned from 1L).Run(null, "cpu", shared, 0)
                        outcome.Evidence.Test.Loss
                ]

            Expect.hasLength (List.distinct losses) 4 "four encoders"

        testCase "an arm's numbers are in percent and metres, with what the pretraining took"
        <| fun () ->
            use shared = new SharedWork()
            let arm = tuned (Pretraining.None(vit, 1L)) 1L :> IExperiment
            let result = arm.Run("a", 1L, Surroundings(TrainOptions(), "cpu", shared))
            Expect.isTrue (result["miou"] >= 0.0 && result["miou"] <= 100.0) "percent"
            Expect.floatClose Accuracy.high result["pixelAccuracy"] result["top1"] "percent, as top-1 is"
            Expect.equal result["pretrain_samples"] 0.0 "nothing came before"
            Expect.stringStarts result.Headline "mIoU " "the number that counts"
            Expect.stringContains result.Headline "%, train loss " "and the loss, once"
            Expect.isGreaterThan result["parameters"] result["encoder_parameters"] "the head has some"

        testCase "an encoder saves and exports with its head"
        <| fun () ->
            inTemporaryFolder (fun home ->
                let whole =
                    (tuned (Pretraining.None(vit, 1L)) 1L).Save("a.safetensors").Export("a.onnx")

                use outcome = whole.Run(TrainOptions(Folder = home), "cpu", null, 0)
                Expect.isTrue (File.Exists(Path.Combine(home, "a.safetensors"))) "weights"
                Expect.isLessThan outcome.Exported.Graphs[0].Difference.Value 1e-4 "ONNX Runtime agrees")

        testCase "a recipe's problems come all together"
        <| fun () ->
            failsSaying
                [
                    "epochs: expected at least 1"
                    "boxes and the head for boxes go together"
                    "dense.size"
                ]
                (fun () ->
                    let data = DenseDatasets.Scenes(16, 8).For(DenseTask.Boxes).Sized 4

                    Recipe.For(Pretraining.None vit).On(data).Head(LinearDenseSpec()).Train 0
                    |> ignore)

            failsSaying [ "multiple of the 4 pixels of a patch, found 18"; "label" ] (fun () ->
                let data = Datasets.Scenes(16, 8).Sized 18
                let plan = TrainPlan(Epochs = 1, LabelSmoothing = 0.1)
                MaskedTrainingRecipe(MaeSpec.Mini vit, data, plan).Train 1 |> ignore)

            failsSaying [ "ends in .onnx" ] (fun () -> (tuned (Pretraining.None vit) 1L).Export "a.pb" |> ignore)
    ]

let private captionerTests =
    [
        testCase "a captioner takes over a trained image tower, all but its head"
        <| fun () ->
            let image = Mci.Mini(4, 16)
            use tower = image.Build 5L
            use captioner = CoCa.Mini(16, 32, image).Build 6L
            captioner.StartFrom tower
            let taken = weights captioner |> Map.ofList

            let kept =
                [
                    for name, value in weights tower do
                        if not (name.StartsWith "head") then
                            name, value
                ]

            Expect.isGreaterThan kept.Length 20 "there is something to take"

            for name, value in kept do
                Expect.equal taken["image." + name] value name

            failsSaying [ "expected a trained mci_mini" ] (fun () ->
                use other = (Mci.Mini(8, 16)).Build 5L
                captioner.StartFrom other)
    ]

let private figureTests =
    [
        testCase "true boxes are framed where they are, down to the last row"
        <| fun () ->
            let data = DenseDatasets.Scenes(8, 8, 5L).For(DenseTask.Boxes).Sized(32).Batched 8

            use network =
                DenseNetwork.Over(vit.Build 1L, BoxHeadSpec.Mini 8, DenseTask.Boxes, 11)

            let pictures = (Verbs.DensePictures.Of(network, data, 8)).Pictures
            let set = data.Source.Open Split.Test

            let bytes (png: byte[]) =
                let struct (rgb, _, _) = ImageDecoder.Decode(ReadOnlySpan png, "picture")
                rgb

            for picture in pictures do
                let box = set.Read(picture.Index, 32).Boxes[0].Box
                let truth, image = bytes picture.Truth, bytes picture.Image

                let differs x y =
                    truth[3 * (32 * y + x) .. 3 * (32 * y + x) + 2]
                    <> image[3 * (32 * y + x) .. 3 * (32 * y + x) + 2]

                let inside =
                    Seq.sum
                        [
                            for y in 0..31 do
                                for x in 0..31 -> if differs x y then 1 else 0
                        ]

                Expect.isGreaterThan inside 0 "something is framed"

                Expect.isTrue
                    (differs box.Left (box.Bottom - 1) || differs (box.Right - 1) (box.Bottom - 1))
                    "the lowest corners"

        testCase "features are like themselves at their own place"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use network = vit.Build 1L
            network.eval ()
            use images = torch.randn [| 1L; 3L; 16L; 16L |]
            use _ = torch.no_grad ()
            let map = SimilarityMaps.Cosines(box network :?> IDenseBackbone, images, 0.6, 0.3)
            Expect.equal (map.shape |> List.ofArray) [ 4L; 4L ] "one cosine for each patch"
            Expect.floatClose Accuracy.medium (float (map[1L, 2L].item<float32>())) 1.0 "row 1, column 2"
            Expect.isLessThanOrEqual (float (map.max().item<float32>())) 1.0001 "a cosine"

        testCase "maps need an encoder with maps"
        <| fun () ->
            use flat = torch.nn.Linear(2L, 2L)

            failsSaying [ "flat is a Linear" ] (fun () ->
                SimilarityMaps.Show([| struct ("flat", flat) |], [||], ImagePreprocessing.MobileClip 16)
                |> ignore)
    ]

/// A run of two arms with a number each.
let private twoArms work measure first second =
    let reproduction = ClipQualityCaptions.qualityCaptions
    let settings = Settings.Create(reproduction.AllSettings, Scale.Laptop, 0L, [])
    let results = Results(settings, [| 0L |])

    for arm, value in [ first; second ] do
        results.Add(
            ArmResult(
                Arm = $"{work}, mci, {arm}",
                Seed = 0L,
                Recipe = Text.Json.Nodes.JsonObject(),
                Numbers = Collections.Generic.Dictionary(dict [ measure, value ])
            )
        )

    fun id -> (reproduction.Claims |> Seq.find (fun c -> c.Id = id)).Judge("clip-quality-captions", results)

let private claimTests =
    [
        testCase "more mIoU and less RMSE are better"
        <| fun () ->
            let judge = twoArms "segment" "miou" ("short", 20.0) ("alt-text", 15.0)
            Expect.equal (judge "quality/short").Verdict Verdict.Holds "5 points more"
            let judge = twoArms "segment" "miou" ("short", 10.0) ("alt-text", 15.0)
            Expect.equal (judge "quality/short").Verdict Verdict.Fails "5 points less"
            let judge = twoArms "depth" "rmse" ("short", 1.3) ("alt-text", 1.4)
            Expect.equal (judge "depth/short").Verdict Verdict.Holds "10 cm less"
            let judge = twoArms "depth" "rmse" ("short", 1.5) ("alt-text", 1.4)
            Expect.equal (judge "depth/short").Verdict Verdict.Fails "10 cm more"

        testCase "every trend names arms that there are"
        <| fun () ->
            let arms = ClipQualityCaptions.qualityCaptions.Arms |> Seq.map _.Name |> Set.ofSeq

            for _, work, a, b, _, _ in ClipQualityCaptions.trends do
                for arm in [ $"{work}, {a}"; $"{work}, {b}" ] do
                    Expect.isTrue (arms.Contains arm) arm
    ]

[<Tests>]
let tests =
    torchTests
        "dense recipes"
        [
            yield! recipeTests
            yield! captionerTests
            yield! figureTests
            yield! claimTests
        ]
