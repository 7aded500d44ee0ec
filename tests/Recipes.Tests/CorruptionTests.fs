/// Corruptions of test pictures: deterministic, harder with every severity, and measured on networks.
module Recipes.Tests.CorruptionTests

open System
open System.Text.Json
open Expecto
open Recipes
open Recipes.Data
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training
open Recipes.Tests.Support
open TorchSharp

let private picture (side: int) =
    let rgb: byte[] = Array.zeroCreate (3 * side * side)
    (Datasets.Scenes(8, 8).Open Split.Test).Read(3, side, Span rgb)
    RgbImage(rgb, side, side)

let private distance (a: RgbImage) (b: RgbImage) =
    Seq.zip a.Rgb b.Rgb |> Seq.sumBy (fun (x, y) -> (float x - float y) ** 2.0)

let private deviation (image: RgbImage) =
    let values = image.Rgb |> Array.map float
    let mean = Array.average values
    sqrt (values |> Array.averageBy (fun v -> (v - mean) ** 2.0))

[<Tests>]
let tests =
    torchTests
        "corruptions"
        [
            testCase "equal seeds and places give equal bytes; others another noise"
            <| fun () ->
                let image = picture 32

                for c in Corruption.Of Corruption.Kinds do
                    Expect.equal (c.Apply(image, 5L, 2)).Rgb (c.Apply(image, 5L, 2)).Rgb $"{c}"

                let noise = Corruption(CorruptionKind.GaussianNoise, 3)
                let bytes seed index = (noise.Apply(image, seed, index)).Rgb
                Expect.notEqual (bytes 5L 2) (bytes 6L 2) "another seed"
                Expect.notEqual (bytes 5L 2) (bytes 5L 3) "another place"

            testCase "every severity is further from the picture than the one before, small and large"
            <| fun () ->
                for side in [ 32; 128 ] do
                    let image = picture side
                    let before = Array.copy image.Rgb

                    for kind in Corruption.Kinds do
                        let distances =
                            [
                                for severity in 1..5 -> distance image ((Corruption(kind, severity)).Apply image)
                            ]

                        Expect.isGreaterThan distances[0] 0.0 $"{kind} changes something"
                        Expect.equal (List.sort distances) distances $"{kind} at {side} px: {distances}"

                    Expect.equal image.Rgb before "the picture itself stays"

            testCase "strengths are the benchmark's numbers"
            <| fun () ->
                let table side kind =
                    [ for severity in 1..5 -> (Corruption(kind, severity)).Strength side ]

                Expect.equal (table 32 CorruptionKind.GaussianNoise) [ 0.04; 0.06; 0.08; 0.09; 0.10 ] "CIFAR-10-C"
                Expect.equal (table 224 CorruptionKind.Jpeg) [ 25.0; 18.0; 15.0; 10.0; 7.0 ] "ImageNet-C"

            testCase "noise has the deviation asked for, contrast what it leaves, blur keeps a flat picture"
            <| fun () ->
                let flat = RgbImage(Array.create (3 * 128 * 128) 128uy, 128, 128)
                let noisy = (Corruption(CorruptionKind.GaussianNoise, 1)).Apply flat
                Expect.floatClose { absolute = 0.3; relative = 0.0 } (deviation noisy) (0.08 * 255.0) "noise"
                let blurred = (Corruption(CorruptionKind.GaussianBlur, 2)).Apply flat
                // Weights sum to one but for rounding, and bytes are cut off.
                Expect.isLessThanOrEqual (distance flat blurred) (float flat.Rgb.Length) "blur"
                let image = picture 128
                let pale = (Corruption(CorruptionKind.Contrast, 1)).Apply image

                let red (i: RgbImage) =
                    Array.init (i.Rgb.Length / 3) (fun p -> float i.Rgb[3 * p])

                let spread values =
                    let mean = Array.average values
                    sqrt (values |> Array.averageBy (fun v -> (v - mean) ** 2.0))

                Expect.floatClose
                    { absolute = 0.02; relative = 0.0 }
                    (spread (red pale) / spread (red image))
                    0.4
                    "contrast"

            testCase "severities outside 1 to 5 and spans of another length are errors that say why"
            <| fun () ->
                failsSaying [ "severity of 1 to 5"; "found 6" ] (fun () -> Corruption(CorruptionKind.Jpeg, 6) |> ignore)

                failsSaying [ "32 x 32 x 3 bytes"; "found 7" ] (fun () ->
                    (Corruption(CorruptionKind.Jpeg, 1)).Apply(Span(Array.zeroCreate<byte> 7), 32, 32))

            testCase "a recipe measures corrupted pictures when it asks, and says so in its JSON"
            <| fun () ->
                let recipe corrupted =
                    let trained =
                        Recipe
                            .For(FastVit.Mini(10, 8))
                            .On(Datasets.Scenes(64, 32).Sized(32).Batched(32))
                            .Train(1)
                            .Reparameterize()

                    trained.Corrupt(Array.ofList corrupted)

                let asked = recipe [ CorruptionKind.Jpeg; CorruptionKind.Contrast ]

                Expect.stringContains
                    (asked.Document.ToJson().ToJsonString())
                    "\"corrupt\":[\"jpeg\",\"contrast\"]"
                    "JSON"

                Expect.isNull ((recipe []).Document.ToJson()["corrupt"]) "none leaves it out"

                let again =
                    JsonSerializer.Deserialize<RecipeDocument>(asked.Document.ToJson(), CanonicalJson.Options)

                Expect.equal (again.ToJson().ToJsonString()) (asked.Document.ToJson().ToJsonString()) "round trip"
                use outcome = asked.Run()
                let rows = outcome.Robustness.Corrupted
                Expect.equal rows.Count 10 "two kinds at five severities"
                Expect.equal outcome.Robustness.Clean outcome.FoldedEvaluation.Top1 "clean is the test set"
                let numbers = (ArmResults.From("a", 0L, asked.Document.ToJson(), outcome)).Numbers
                Expect.equal numbers["jpeg_3"] (100.0 * rows[2].Top1) "an arm's numbers hold them"
                Expect.isFalse (numbers.ContainsKey "gaussianNoise_1") "and no others"

            testCase "errors against a baseline, by hand"
            <| fun () ->
                let arm name top1 corrupted =
                    ArmResults(
                        name,
                        [|
                            ArmResult(
                                Arm = name,
                                Seed = 0L,
                                Recipe = System.Text.Json.Nodes.JsonObject(),
                                Numbers =
                                    readOnlyDict
                                        [
                                            "top1", top1
                                            for c in Corruption.Of Corruption.Kinds do
                                                CorruptionErrors.Number c, corrupted
                                        ]
                            )
                        |]
                    )

                // Errors 40 and 50: 80 %. Growth 20 and 20: 100 %.
                let ours, theirs = arm "a" 80.0 60.0, arm "b" 70.0 50.0
                Expect.floatClose Accuracy.high (CorruptionErrors.Mean(ours, theirs)).Mean 80.0 "mCE"
                Expect.floatClose Accuracy.high (CorruptionErrors.Relative(ours, theirs)).Mean 100.0 "relative"

                Expect.throwsT<NotAttemptedException>
                    (fun () -> CorruptionErrors.Relative(ours, arm "c" 50.0 50.0) |> ignore)
                    "a baseline whose errors do not grow"
        ]
