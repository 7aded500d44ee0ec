/// The decoder of crops and the resize on vectors, against the plain ways to the same bytes.
module Recipes.Tests.JpegCropTests

open System
open System.IO
open Expecto
open SkiaSharp
open Recipes
open Recipes.Data
open Recipes.Tests.AugmentOpsTests
open Recipes.Tests.Support

// Smooth colours with some noise, so that every coefficient occurs.
let private picture width height =
    let mutable rng = Rng.Stream(2L, "jpeg", int64 width, int64 height)

    [|
        for y in 0 .. height - 1 do
            for x in 0 .. width - 1 do
                for c in 0..2 do
                    let wave =
                        90.0 * sin (float (x * (c + 1)) / 17.0)
                        + 60.0 * cos (float (y * (3 - c)) / 11.0)

                    byte (Math.Clamp(128.0 + wave + rng.NextDouble(-30.0, 30.0), 0.0, 255.0))
    |]

let private jpeg width height (quality: int) (chroma: SKJpegEncoderDownsample) =
    use bitmap =
        SKBitmap.Decode(ImageBytes.ToPng(ReadOnlySpan(picture width height), width, height))

    use pixmap = bitmap.PeekPixels()

    use data =
        pixmap.Encode(SKJpegEncoderOptions(quality, chroma, SKJpegEncoderAlphaOption.Ignore))

    data.ToArray()

let private cut (rgb: byte[]) width (box: PixelBox) =
    Array.concat
        [
            for y in box.Top .. box.Bottom - 1 -> Array.sub rgb (3 * (y * width + box.Left)) (3 * box.Width)
        ]

let private boxes width height count =
    let mutable rng = Rng.Stream(6L, "boxes", int64 width, int64 height)

    PixelBox(0, 0, width, height)
    :: [
        for _ in 1..count do
            let left, top = rng.NextInt width, rng.NextInt height
            PixelBox(left, top, rng.NextInt(left + 1, width + 1), rng.NextInt(top + 1, height + 1))
    ]

let private whole (file: byte[]) =
    let struct (rgb, width, height) = ImageDecoder.Decode(ReadOnlySpan file, "whole")
    rgb, width, height

/// Every crop has the bytes of the whole picture.
let private agrees what count (file: byte[]) =
    let rgb, width, height = whole file

    for box in boxes width height count do
        let target = Array.zeroCreate (3 * box.Width * box.Height)

        let done' =
            JpegCrop.Shared.TryDecode(ReadOnlySpan file, width, height, box, Span target)

        Expect.isTrue done' $"{what}: of the plain kind"
        Expect.isTrue (target.AsSpan().SequenceEqual(ReadOnlySpan(cut rgb width box))) $"{what}: {box}"

/// Whatever the kind, a region holds the crop's bytes.
let private regionAgrees what (file: byte[]) =
    let rgb, width, height = whole file

    for box in boxes width height 3 do
        let region = ImageDecoder.DecodeRegion(ReadOnlySpan file, box, what)
        Expect.equal (region.Width, region.Height) (width, height) $"{what}: the whole picture's size"
        Expect.equal (cut region.Rgb region.Stride region.Crop) (cut rgb width box) $"{what}: {box}"

let private crops =
    testList
        "JPEG crops"
        [
            testCase "every sampling, quality and size, anywhere in the picture"
            <| fun () ->
                for chroma in
                    [
                        SKJpegEncoderDownsample.Downsample420
                        SKJpegEncoderDownsample.Downsample422
                        SKJpegEncoderDownsample.Downsample444
                    ] do
                    for quality in [ 3; 60; 95; 100 ] do
                        for width, height in [ 64, 48; 65, 47; 33, 130; 201, 19; 17, 17 ] do
                            jpeg width height quality chroma
                            |> agrees $"{chroma} {quality} {width}x{height}" 12

            testCase "photographs, rotated ones too"
            <| fun () ->
                let files =
                    [ "photos"; "gbc/images" ]
                    |> List.collect (fun f ->
                        Directory.GetFiles(shared $"data/{f}", "*.jpg") |> Array.sort |> Array.toList)

                Expect.isGreaterThan files.Length 15 "photographs"

                for file in files do
                    let name, bytes = Path.GetFileName file, File.ReadAllBytes file
                    regionAgrees name bytes

                    if not (name.EndsWith "_3.jpg" || name.EndsWith "_6.jpg" || name.EndsWith "_8.jpg") then
                        agrees name 2 bytes

            testCase "other kinds are decoded as a whole"
            <| fun () ->
                for kind, _, content in ImageDoubles.pictures do
                    regionAgrees kind content

            testCase "damaged files are an error or a picture of that size, never more"
            <| fun () ->
                let file = jpeg 96 64 80 SKJpegEncoderDownsample.Downsample420
                let box = PixelBox(20, 10, 70, 50)
                let mutable rng = Rng.Stream(8L, "damage")
                let mutable read = 0

                let attempt (bytes: byte[]) =
                    try
                        let region = ImageDecoder.DecodeRegion(ReadOnlySpan bytes, box, "damaged")
                        read <- read + 1

                        if region.Width = 96 then
                            Expect.equal (region.Crop.Width, region.Crop.Height) (50, 40) "the crop"
                    with :? RecipesException as e ->
                        Expect.stringContains e.Message "damaged" "which file"

                for length in 0..7 .. file.Length - 1 do
                    attempt file[.. length - 1]

                for _ in 1..3000 do
                    let changed = Array.copy file

                    for _ in 0 .. rng.NextInt 4 do
                        changed[rng.NextInt changed.Length] <- byte (rng.NextInt 256)

                    attempt changed

                Expect.isGreaterThan read 100 "some were read"

            testCase "a crop that is not within is the picture's error"
            <| fun () ->
                let file = jpeg 96 64 80 SKJpegEncoderDownsample.Downsample444

                for crop in
                    [
                        0, 0, 65, 96
                        0, 1, 64, 96
                        -1, 0, 5, 5
                        0, 0, 0, 5
                        5, 5, Int32.MaxValue, Int32.MaxValue
                    ] do
                    let top, left, height, width = crop

                    failsSaying [ "sample 3"; "crop" ] (fun () ->
                        StoredAugmentation(top, left, height, width, null)
                            .Replay(ReadOnlySpan file, 32, ImageCanvas(), "sample 3"))
        ]

// Pillow's resize as goldens/README states it, one number after the other.
let private resized (filter: ResizeFilter) (source: float[]) count =
    let scale = float source.Length / float count
    let widen = max scale 1.0
    let reach = (if filter = ResizeFilter.Bicubic then 2.0 else 1.0) * widen

    let kernel x =
        match abs x with
        | x when filter = ResizeFilter.Bilinear -> max 0.0 (1.0 - x)
        | x when x < 1.0 -> (1.5 * x - 2.5) * x * x + 1.0
        | x when x < 2.0 -> ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
        | _ -> 0.0

    if source.Length = count then
        source
    else
        [|
            for o in 0 .. count - 1 do
                let centre = (float o + 0.5) * scale
                let first = max 0 (int (centre - reach + 0.5))
                let last = min source.Length (int (centre + reach + 0.5)) - 1

                let weights =
                    [| for i in first..last -> kernel ((float i - centre + 0.5) / widen) |]

                let total = Array.fold (+) 0.0 weights

                let sum =
                    Seq.sum (
                        seq {
                            for i in first..last ->
                                int (Math.Round(weights[i - first] / total * 4194304.0, MidpointRounding.AwayFromZero))
                                * int source[i]
                        }
                    )

                float (Math.Clamp((sum + (1 <<< 21)) >>> 22, 0, 255))
        |]

let private plainResize filter (source: byte[]) width height columns rows =
    let across =
        [|
            for y in 0 .. height - 1 ->
                [|
                    for c in 0..2 ->
                        resized filter [| for x in 0 .. width - 1 -> float source[3 * (y * width + x) + c] |] columns
                |]
        |]

    let down =
        [|
            for c in 0..2 ->
                [|
                    for x in 0 .. columns - 1 ->
                        resized filter [| for y in 0 .. height - 1 -> across.[y].[c].[x] |] rows
                |]
        |]

    [|
        for y in 0 .. rows - 1 do
            for x in 0 .. columns - 1 do
                for c in 0..2 -> byte (down.[c].[x].[y])
    |]

let private resizes =
    testCase "the resize has the sums of the plain formula at every size, tiny ones too"
    <| fun () ->
        let mutable rng = Rng.Stream(12L, "sizes")

        for i in 1..80 do
            let width, height = rng.NextInt(1, 70), rng.NextInt(1, 70)

            let columns, rows =
                rng.NextInt(1, (if i % 2 = 0 then 12 else 70)), rng.NextInt(1, 50)
            // Extremes make sums that go far beyond a byte.
            let source =
                noise $"resize{i}" (3 * width * height)
                |> Array.map (fun v -> if i % 3 = 0 then (if v > 127uy then 255uy else 0uy) else v)

            for filter in [ ResizeFilter.Bicubic; ResizeFilter.Bilinear ] do
                Expect.equal
                    (RgbImage(source, width, height).Resize(columns, rows, filter).Rgb)
                    (plainResize filter source width height columns rows)
                    $"{width}x{height} to {columns}x{rows}, {filter}"

let private shown =
    testCase "augmentations show themselves"
    <| fun () ->
        let image = RgbImage(picture 60 40, 60, 40)

        let stored =
            [
                StoredAugmentation(
                    2,
                    3,
                    30,
                    40,
                    [ StoredOperation(ImageOp.ShearX, -0.09000000357627869); StoredOperation() ]
                )
                StoredAugmentation(0, 0, 40, 60, null)
            ]

        let grid = AugmentationPictures.Show(image, stored, 32, "a <boat>")
        let html = grid.ToHtml()

        for text in
            [
                "ShearX -0.09"
                "40 x 30 at (3, 2)"
                "crop alone"
                "stored"
                "a &lt;boat&gt;"
            ] do
            Expect.stringContains html text "what is shown"

        Expect.equal (html.Split("<img").Length - 1) 3 "three pictures"

[<Tests>]
let tests = testList "crops of pictures" [ crops; resizes; shown ]
