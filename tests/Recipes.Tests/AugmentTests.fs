module Recipes.Tests.AugmentTests

open System
open System.Text.Json
open Expecto
open Recipes
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.AugmentOpsTests

let private run (augment: Augment) seed index (source: byte[]) target =
    let canvas = ImageCanvas()
    let size = int (sqrt (float source.Length / 3.0))
    canvas.Start(size, target)
    source.CopyTo canvas.Pixels
    let mutable rng = Rng.Stream(seed, "augment", 0L, index)
    augment.Apply(canvas, &rng)
    canvas.Pixels.ToArray()

let private picture = lazy ((Scene.At(3L, 4L)).Draw 32)

let private mean (bytes: byte[]) = bytes |> Array.averageBy float

let private all =
    Augment.None.RandomResizedCrop(0.35).Flip().RandAugment(2, 9, 0.5).PadCrop(4).Erase(0.25)

let private operationTests =
    [
        for op in Enum.GetValues<ImageOp>() do
            testCase $"{op} changes a picture, except at its neutral strength"
            <| fun () ->
                let neutral, strong =
                    match op with
                    | ImageOp.Posterize -> Some 8.0, 2.0
                    | ImageOp.Solarize -> Some 256.0, 64.0
                    | ImageOp.SolarizeAdd -> Some 0.0, 60.0
                    | ImageOp.TranslateX
                    | ImageOp.TranslateY -> Some 0.0, 5.0
                    | ImageOp.Rotate -> Some 0.0, 25.0
                    | ImageOp.AutoContrast
                    | ImageOp.Equalize
                    | ImageOp.Invert -> None, 0.0
                    | _ -> Some 0.0, 0.7

                match neutral with
                | Some value -> Expect.equal (apply op value picture.Value 32) picture.Value "neutral"
                | None -> ()

                if op <> ImageOp.Identity then
                    Expect.notEqual (apply op strong picture.Value 32) picture.Value "strong"

        testCase "each operation does what its name says"
        <| fun () ->
            let p = picture.Value
            Expect.isGreaterThan (mean (apply ImageOp.Brightness 0.5 p 32)) (mean p) "brighter"
            Expect.isLessThan (mean (apply ImageOp.Brightness -0.5 p 32)) (mean p) "darker"
            let grey = apply ImageOp.Color -1.0 p 32

            Expect.isTrue
                (grey
                 |> Array.chunkBySize 3
                 |> Array.forall (fun c -> c[0] = c[1] && c[1] = c[2]))
                "grey"

            Expect.equal (apply ImageOp.Invert 0.0 (apply ImageOp.Invert 0.0 p 32) 32) p "twice inverted"
            Expect.isTrue (apply ImageOp.Posterize 3.0 p 32 |> Array.forall (fun v -> v &&& 0x1Fuy = 0uy)) "three bits"
            let stretched = apply ImageOp.AutoContrast 0.0 p 32
            Expect.equal (Array.min stretched, Array.max stretched) (0uy, 255uy) "full range"
            let moved = apply ImageOp.TranslateX 4.0 p 32
            Expect.equal moved[3 * (5 * 32 + 10)] p[3 * (5 * 32 + 6)] "moved right by four"
            Expect.equal moved[3 * 5 * 32] 0uy "black comes in"
            let turned = [ 1..4 ] |> List.fold (fun s _ -> apply ImageOp.Rotate 90.0 s 32) p

            let same =
                Array.map2 (fun a b -> if a = b then 1.0 else 0.0) turned p |> Array.average

            Expect.isGreaterThan same 0.85 "four quarter turns"
    ]

let private stepTests =
    [
        testCase "the same seed and index give the same bytes, others give others"
        <| fun () ->
            let result = run all 1L 7L picture.Value 24
            Expect.equal (run all 1L 7L picture.Value 24) result "same"
            Expect.equal result.Length (3 * 24 * 24) "target size"
            Expect.notEqual (run all 1L 8L picture.Value 24) result "another index"
            Expect.notEqual (run all 2L 7L picture.Value 24) result "another seed"

        testCase "flip mirrors, about half of the time"
        <| fun () ->
            let once = run (Augment.None.Flip 1.0) 0L 0L picture.Value 32
            Expect.equal once[0..2] picture.Value[3 * 31 .. 3 * 31 + 2] "first pixel is the last"
            Expect.equal (run (Augment.None.Flip 1.0) 0L 0L once 32) picture.Value "twice"

            let flipped =
                [ 0L .. 399L ]
                |> List.filter (fun i -> run (Augment.None.Flip()) 0L i picture.Value 32 <> picture.Value)

            Expect.isTrue (flipped.Length > 150 && flipped.Length < 250) $"{flipped.Length} of 400"

        testCase "random resized crop keeps the range of values and its area's range"
        <| fun () ->
            let flat = Array.create (3 * 40 * 40) 77uy

            for i in 0L .. 50L do
                let result = run (Augment.None.RandomResizedCrop 0.2) 0L i flat 32
                Expect.isTrue (result |> Array.forall ((=) 77uy)) "a flat picture stays flat"

            Expect.equal
                (run (Augment.None.RandomResizedCrop(1, 1, 1, 1)) 0L 0L picture.Value 32)
                picture.Value
                "the whole picture"

        testCase "erasing fills at most its part with noise"
        <| fun () ->
            let flat = Array.create (3 * 64 * 64) 77uy

            for i in 0L .. 30L do
                let result = run (Augment.None.Erase(1.0, 0.05, 0.2)) 0L i flat 64

                let changed =
                    result
                    |> Array.chunkBySize 3
                    |> Array.filter (fun p -> p <> [| 77uy; 77uy; 77uy |])

                let part = float changed.Length / (64.0 * 64.0)
                Expect.isTrue (part > 0.04 && part < 0.22) $"part {part}"

        testCase "centre crop reads larger and keeps the middle"
        <| fun () ->
            let augment = Augment.Evaluation 0.5
            Expect.equal (augment.ReadSize 16) 32 "256 for 224, so to say"
            let result = run augment 0L 0L picture.Value 16
            Expect.equal result[0..2] picture.Value[3 * (8 * 32 + 8) .. 3 * (8 * 32 + 8) + 2] "from the eighth pixel"

        testCase "strength scales RandAugment; at zero most operations do nothing"
        <| fun () ->
            let augment = Augment.None.RandAugment(1, 7, 0.0, RandAugmentPolicy.Increasing)
            let step = augment.AtStrength(0.3).Steps[0] :?> RandAugmentStep
            Expect.equal step.Strength 0.3 "strength"

            let changed strength =
                [ 0L .. 199L ]
                |> List.sumBy (fun i ->
                    let result = run (augment.AtStrength strength) 0L i picture.Value 32

                    Array.map2 (fun (a: byte) (b: byte) -> abs (float a - float b)) result picture.Value
                    |> Array.average)

            Expect.isLessThan (changed 0.3) (changed 1.0) "weaker"

        testCase "is a value: equal steps are equal, and its JSON comes back"
        <| fun () ->
            let again =
                Augment.None.RandomResizedCrop(0.35).Flip().RandAugment(2, 9, 0.5).PadCrop(4).Erase(0.25)

            Expect.equal again all "equal"
            Expect.notEqual (all.Flip()) all "another step"
            let json = JsonSerializer.Serialize all
            Expect.stringContains json "\"step\":\"rand-augment\"" "kinds have names"
            Expect.equal (JsonSerializer.Deserialize<Augment> json) all "round trip"

        testCase "all values out of range are reported together"
        <| fun () ->
            let bad = Augment.None.Flip(2.0).RandAugment(0, 99).RandomResizedCrop(0.9, 0.5)
            let problems = bad.Problems() |> String.concat "; "

            for fragment in
                [
                    "Flip probability"
                    "RandAugment operations"
                    "RandAugment magnitude"
                    "RandomResizedCrop scale"
                ] do
                Expect.stringContains problems fragment "problem"
    ]

[<Tests>]
let tests = testList "augment" (operationTests @ stepTests)
