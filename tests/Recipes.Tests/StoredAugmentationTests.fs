module Recipes.Tests.StoredAugmentationTests

open System
open System.IO
open System.Text.Json
open Expecto
open Recipes
open Recipes.Data
open Recipes.Reproductions.Parity
open Recipes.Tests.AugmentOpsTests
open Recipes.Tests.Support

let private image width height =
    RgbImage(noise "stored" (3 * width * height), width, height)

let private parse (text: string) =
    use json = JsonDocument.Parse text
    StoredAugmentation.Parse(json.RootElement, "sample 7")

let private draw policy width height count =
    let mutable rng = Rng.Stream(3L, "draw")

    [
        for _ in 1..count -> StoredAugmentation.Draw(policy, width, height, 224, &rng)
    ]

let private goldens =
    testList
        "goldens"
        [
            for path in [ "goldens/augment_set1.json"; "goldens/reinforced_set1" ] do
                testCase $"{path} passes, single files and shard included"
                <| fun () ->
                    let files = ParityRun.Files [ shared path ]
                    Expect.hasLength files 1 "one golden describes both"
                    let report = ParityRun.Compare files[0]
                    Expect.isTrue report.Passed (report.ToString())
                    Expect.isGreaterThan report.Checks.Count 500 "comparisons"
                    Expect.isNull report.Left "everything was compared"

            testCase "a wrong byte and a wrong magnitude are found and named"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let text = File.ReadAllText(shared "goldens/augment_set1.json")
                    let file = Path.Combine(folder, "augment_set1.json")
                    File.WriteAllText(file, text.Replace("f68f41192fde786b", "f68f41192fde786c"))
                    let report = ParityRun.Compare file
                    Expect.isFalse report.Passed "one checksum is another"
                    Expect.stringContains report.FirstDifference.Name "case 1 " "where"
                    Expect.stringContains report.Left "reinforced_set1" "the samples are not beside it"
                    File.WriteAllText(file, text.Replace("178.5]]", "170.5]]"))
                    Expect.isFalse (ParityRun.Compare file).Passed "another magnitude")
        ]

let private json =
    testList
        "JSON"
        [
            testCase "is what Python writes, and reads back equal"
            <| fun () ->
                for text in
                    [
                        "[[5, 0, 51, 42], [[1, -0.09000000357627869], [0, 0.0]]]"
                        "[[0, 0, 80, 96], null]"
                        "[[0, 0, 80, 96], []]"
                        "[[1, 2, 3, 4], [[3, 1e-07], [11, 178.5], [5, -30.0]]]"
                    ] do
                    let read = parse text
                    Expect.equal (read.ToJson()) text "the same text"
                    Expect.equal (parse (read.ToJson())) read "the same value"
                    Expect.equal ((parse text).GetHashCode()) (read.GetHashCode()) "hash"

                Expect.notEqual (parse "[[0, 0, 8, 9], null]") (parse "[[0, 0, 8, 9], []]") "skipped is not empty"

            testCase "an operation that is null does nothing; whole numbers may have a point"
            <| fun () ->
                let read = parse "[[0.0, 0, 8, 8], [null, [10, 4]]]"
                Expect.equal read.Operations[0].Op ImageOp.Identity "skipped"
                Expect.equal read.Operations[1] (StoredOperation(ImageOp.Posterize, 4.0)) "the other"

            testCase "wrong forms are one error that names the sample"
            <| fun () ->
                for text in
                    [
                        "{}"
                        "null"
                        "[]"
                        "[[0, 0, 8], null]"
                        "[[0, 0, 8, \"9\"], null]"
                        "[[0, 0, 8, 9.5], null]"
                        "[[0, 0, 8, 9], [[1]]]"
                        "[[0, 0, 8, 9], [[1, null]]]"
                        "[[0, 0, 8, 9], [[1, \"NaN\"]]]"
                        "[[0, 0, 8, 9], 3]"
                        "[[0, 0, 8, 1e300], null]"
                    ] do
                    failsSaying [ "sample 7"; "top, left, height, width" ] (fun () -> parse text |> ignore)

                failsSaying [ "sample 7"; "operation 14 is unknown"; "magnitude"; "begins outside" ] (fun () ->
                    parse "[[-1, 0, 8, 9], [[14, 0.0], [1, 1e300]]]" |> ignore)
        ]

let private replays =
    testList
        "replay"
        [
            testCase "the ways to replay agree, and nothing is allocated"
            <| fun () ->
                let picture = image 90 70
                let canvas = ImageCanvas()

                for stored in draw StoredAugmentationPolicy.Strong 90 70 40 do
                    let whole = stored.Replay(picture, 64).Rgb
                    stored.Replay(ReadOnlySpan picture.Rgb, 90, 70, 64, canvas)
                    Expect.equal (canvas.Pixels.ToArray()) whole "canvas"
                    let target = Array.zeroCreate whole.Length
                    stored.Replay(picture, 64, Span target)
                    Expect.equal target whole "span"
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    stored.Replay(picture, 64, Span target)
                    Expect.equal (GC.GetAllocatedBytesForCurrentThread()) before $"no allocation for {stored}"

            testCase "a picture file is replayed as the decoded picture is"
            <| fun () ->
                let file = ImageBytes.ToPng(ReadOnlySpan (image 90 70).Rgb, 90, 70)
                let canvas = ImageCanvas()

                for stored in draw StoredAugmentationPolicy.Strong 90 70 5 do
                    stored.Replay(ReadOnlySpan file, 64, canvas)
                    Expect.equal (canvas.Pixels.ToArray()) (stored.Replay(image 90 70, 64).Rgb) $"{stored}"

            testCase "what does not fit the picture is an error that names it, all at once"
            <| fun () ->
                let wrong =
                    StoredAugmentation(
                        0,
                        50,
                        40,
                        41,
                        [ StoredOperation(enum 99, nan); StoredOperation(ImageOp.Rotate, infinity) ]
                    )

                failsSaying [ "set1-00007"; "not within 90 x 70"; "operation 99"; "Rotate" ] (fun () ->
                    wrong.Replay(image 90 70, 64, "set1-00007") |> ignore)

                failsSaying [ "not within" ] (fun () ->
                    StoredAugmentation(0, Int32.MaxValue, 5, Int32.MaxValue, null).Replay(image 90 70, 64)
                    |> ignore)

                failsSaying [ "set1-00008"; "picture" ] (fun () ->
                    StoredAugmentation(0, 0, 5, 5, null)
                        .Replay(ReadOnlySpan [| 1uy; 2uy |], 64, ImageCanvas(), "set1-00008"))
        ]

let private draws =
    testList
        "draws"
        [
            testCase "crops have the policy's areas and ratios, and lie within the picture"
            <| fun () ->
                let drawn = draw StoredAugmentationPolicy.Strong 640 480 4000
                Expect.all drawn (fun s -> Seq.isEmpty (s.Problems(640, 480))) "replayable"

                let areas =
                    drawn |> List.map (fun s -> float (s.Width * s.Height) / (640.0 * 480.0))

                Expect.isGreaterThan (List.min areas) 0.079 "least area"
                Expect.isGreaterThan (List.max areas) 0.9 "greatest area"
                Expect.isTrue (abs (List.average areas - 0.45) < 0.04) $"mean area {List.average areas}"
                let ratios = drawn |> List.map (fun s -> float s.Width / float s.Height)
                Expect.all ratios (fun r -> r > 0.74 && r < 1.35) "ratios"
                Expect.equal drawn (draw StoredAugmentationPolicy.Strong 640 480 4000) "the same stream, the same draws"

            testCase
                "operations are two of fourteen at magnitude 9, with random signs; real files hold exactly these numbers"
            <| fun () ->
                let operations =
                    draw StoredAugmentationPolicy.Strong 64 64 4000
                    |> List.collect (fun s ->
                        Expect.hasLength s.Operations 2 "two"
                        Seq.toList s.Operations)

                let counts = operations |> List.countBy _.Op |> Map
                Expect.hasLength counts 14 "all operations"
                Expect.all counts.Values (fun n -> n > 450 && n < 700) $"each about as often: {counts}"

                let named op =
                    operations
                    |> List.filter (fun o -> o.Op = op)
                    |> List.map _.Magnitude
                    |> List.distinct
                    |> List.sort

                Expect.equal (named ImageOp.ShearX) [ -0.09000000357627869; 0.09000000357627869 ] "shear"
                Expect.equal (named ImageOp.Color) [ -0.26999998092651367; 0.26999998092651367 ] "colour"
                Expect.equal (named ImageOp.Posterize) [ 7.0 ] "posterize"
                Expect.equal (named ImageOp.Solarize) [ 178.5 ] "solarize"
                Expect.equal (named ImageOp.Equalize) [ 0.0 ] "equalize"

            testCase "where ten tries fail, the middle is taken, as large as the ratios allow"
            <| fun () ->
                for stored in draw (StoredAugmentationPolicy(MinScale = 0.9)) 1000 20 20 do
                    Expect.equal (stored.Top, stored.Height, stored.Width, stored.Left) (0, 20, 27, 486) "wide"

                for stored in draw (StoredAugmentationPolicy(MinScale = 0.9)) 30 900 20 do
                    Expect.equal (stored.Left, stored.Width, stored.Height, stored.Top) (0, 30, 40, 430) "tall"

            testCase "the weak policy has no operations; a policy out of range is one error with all values"
            <| fun () ->
                Expect.all (draw StoredAugmentationPolicy.Weak 64 64 50) (fun s -> isNull s.Operations) "no operations"

                failsSaying [ "scale"; "ratio"; "magnitude"; "probability" ] (fun () ->
                    draw
                        (StoredAugmentationPolicy(MinScale = nan, MinRatio = 20.0, Magnitude = 31, Probability = -1.0))
                        64
                        64
                        1
                    |> ignore)
        ]

[<Tests>]
let tests = testList "stored augmentations" [ goldens; json; replays; draws ]
