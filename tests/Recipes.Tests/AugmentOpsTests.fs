module Recipes.Tests.AugmentOpsTests

open System
open System.IO
open System.Text.Json
open Expecto
open Recipes
open Recipes.Data
open Recipes.Tests.Support

/// FNV-1a, 64 bits, over bytes, as the golden files state it.
let checksum (bytes: byte[]) =
    let mutable hash = 0xcbf29ce484222325UL

    for b in bytes do
        hash <- (hash ^^^ uint64 b) * 0x100000001b3UL

    hash.ToString "x16"

/// A picture of random bytes.
let noise name count =
    let mutable rng = Rng.Stream(1L, name)
    Array.init count (fun _ -> byte (rng.NextInt 256))

let apply op magnitude (source: byte[]) size =
    let target = Array.zeroCreate source.Length
    ImageOps.Apply(op, magnitude, ReadOnlySpan source, Span target, size, size)
    target

// The golden file's pictures, from their rules.
let private goldenImage (image: JsonElement) =
    let seed = Rng.Fnv1a(image.GetProperty("name").GetString())
    let width = image.GetProperty("width").GetInt32()
    let height = image.GetProperty("height").GetInt32()
    let map = image.GetProperty("map").GetString()

    let u i =
        float (Rng.Mix(seed + uint64 i) >>> 11) * Math.Pow(2.0, -53.0)

    let value i =
        let x, y, c = i / 3 % width, i / 3 / width, i % 3

        if map.Contains "y/8" then
            let columns = (width + 7) / 8
            256.0 * u ((y / 8 * columns + x / 8) * 3 + c)
        elif map.StartsWith "48" then
            48.0 + floor (128.0 * u i)
        else
            256.0 * u i

    let bytes = Array.init (3 * width * height) (value >> byte)
    Expect.equal (checksum bytes) (image.GetProperty("checksum").GetString()) (image.GetProperty("id").GetString())
    image.GetProperty("id").GetString(), (bytes, width)

let private references =
    testCase "crop, resize and all operations equal the Python Imaging Library byte for byte (goldens/augment_set1)"
    <| fun () ->
        use file = JsonDocument.Parse(File.ReadAllBytes(shared "goldens/augment_set1.json"))

        let images =
            file.RootElement.GetProperty("images").EnumerateArray()
            |> Seq.map goldenImage
            |> Map.ofSeq

        let cases = file.RootElement.GetProperty("cases").EnumerateArray() |> Seq.toList
        Expect.equal cases.Length 47 "cases"

        for i, case in List.indexed cases do
            let source, width = images[case.GetProperty("image").GetString()]

            let crop =
                [ for v in case.GetProperty("stored").[0].EnumerateArray() -> v.GetInt32() ]

            let box = PixelBox(crop[1], crop[0], crop[1] + crop[3], crop[0] + crop[2])
            let mutable pixels = Array.zeroCreate (3 * 64 * 64)
            Resampler.Shared.Resize(ReadOnlySpan source, width, box, Span pixels, 64, 64, ResizeFilter.Bicubic)

            let expected (stage: string) =
                case.GetProperty(stage).GetProperty("checksum").GetString()

            Expect.equal (checksum pixels) (expected "after_crop") $"case {i}, crop"
            let steps = case.GetProperty("stored").[1]

            if steps.ValueKind = JsonValueKind.Array then
                for step in steps.EnumerateArray() do
                    pixels <- apply (enum<ImageOp>(step[0].GetInt32())) (step[1].GetDouble()) pixels 64

            Expect.equal (checksum pixels) (expected "output") $"case {i}, operations {steps}"

[<Tests>]
let tests = testList "image operations" [ references ]
