/// What models see: the bytes of torchvision on PIL, sides, offsets, paddings, scales; bad input.
module Recipes.Tests.PreprocessingTests

open System
open Expecto
open TorchSharp
open Recipes
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.PreprocessingDoubles

/// A picture that a formula makes, the same in any language.
let private made width height =
    [|
        for y in 0 .. height - 1 do
            for x in 0 .. width - 1 do
                for c in 0..2 -> byte (((x * x * 3 + y * 7 * x + 11 * y + 50 * c * (x ^^^ y)) >>> 2) &&& 255)
    |]

let private crc (bytes: byte[]) =
    let mutable sum = 0xffffffffu

    for b in bytes do
        sum <- sum ^^^ uint32 b

        for _ in 1..8 do
            sum <-
                if sum &&& 1u = 1u then
                    (sum >>> 1) ^^^ 0xedb88320u
                else
                    sum >>> 1

    (sum ^^^ 0xffffffffu).ToString "x8"

let private square (rules: ImagePreprocessing) (rgb: byte[]) width height =
    let target = Array.zeroCreate (3 * rules.Resolution * rules.Resolution)
    SquareFit(rules).Fit(ReadOnlySpan rgb, width, height, Span target) |> ignore
    target

/// Every way of the table, in its order.
let private ways =
    [
        for fit in [ ImageFit.CenterCrop; ImageFit.Squash; ImageFit.Pad; ImageFit.LongestSide ] do
            for filter in [ ResizeFilter.Bilinear; ResizeFilter.Bicubic ] do
                let crops =
                    if fit = ImageFit.CenterCrop then
                        [ 224, 249; 56, 64 ]
                    else
                        []

                for resolution, shorter in [ 224, 0; 64, 0 ] @ crops ->
                    ImagePreprocessing(
                        Resolution = resolution,
                        ShorterSide = shorter,
                        Fit = fit,
                        Filter = filter,
                        Normalization =
                            if resolution = 64 then
                                Normalization.Clip
                            else
                                Normalization.None
                    )
    ]

let private values (tensor: torch.Tensor) = tensor.data<float32>().ToArray()

[<Tests>]
let tests =
    torchTests
        "preprocessing"
        [
            testCase "made pictures of every shape have PIL's bytes, in every way"
            <| fun () ->
                for (width, height), sums in PreprocessingDoubles.made do
                    let rgb = made width height

                    for way, expected in List.zip ways (List.ofArray (sums.Split ' ')) do
                        Expect.equal
                            (crc (square way rgb width height))
                            expected
                            $"{width} x {height}, {way.Fit} {way.Filter} to {way.Resolution} from {way.ShorterSide}"

            testCase "photos have PIL's bytes, JPEGs among them"
            <| fun () ->
                let families =
                    [
                        ImagePreprocessing.MobileClip()
                        ImagePreprocessing.Clip()
                        ImagePreprocessing.Siglip()
                        ImagePreprocessing.FastVlm 256
                        ImagePreprocessing.FastVit()
                    ]

                for name, expected in photos do
                    let struct (rgb, width, height) = ImageDecoder.Read(shared $"data/photos/{name}")

                    for rules, (sum, check) in List.zip families expected do
                        let bytes = square rules rgb width height

                        Expect.equal (Array.sumBy int bytes, crc bytes) (sum, check) $"{name}, {rules.Resolution}"

            testCase "values are those of the bytes on the family's scale, channels first; a batch is its images"
            <| fun () ->
                let rgb = made 40 30

                for rules in
                    [
                        ImagePreprocessing.MobileClip 32
                        ImagePreprocessing.Clip 32
                        ImagePreprocessing.Siglip 32
                    ] do
                    use image = rules.Apply(ReadOnlySpan rgb, 40, 30)
                    Expect.equal (List.ofArray image.shape) [ 3L; 32L; 32L ] "shape"
                    let bytes = square rules rgb 40 30
                    let n = rules.Normalization

                    let scales =
                        [| n.MeanR, n.DeviationR; n.MeanG, n.DeviationG; n.MeanB, n.DeviationB |]

                    values image
                    |> Array.iteri (fun i value ->
                        let channel, place = i / 1024, i % 1024
                        let mean, deviation = scales[channel]
                        let expected = (float bytes[3 * place + channel] / 255.0 - mean) / deviation
                        Expect.floatClose Accuracy.medium (float value) expected $"value {i}")

                inTemporaryFolder
                <| fun folder ->
                    let rules = ImagePreprocessing.Clip 32

                    let paths =
                        [
                            for width, height in [ 40, 30; 7, 50 ] ->
                                let path = IO.Path.Combine(folder, $"{width}.png")

                                IO.File.WriteAllBytes(
                                    path,
                                    ImageBytes.ToPng(ReadOnlySpan(made width height), width, height)
                                )

                                path
                        ]

                    use batch = rules.Read(ResizeArray paths)
                    Expect.equal (List.ofArray batch.shape) [ 2L; 3L; 32L; 32L ] "images of different sizes"

                    for i in 0..1 do
                        use one = rules.Read paths[i]
                        use row = batch[int64 i]
                        Expect.equal (values (row.contiguous ())) (values one) paths[i]

            testCase "SAM's way fills with zeros after normalisation; LLaVA's with the mean's colour"
            <| fun () ->
                let white = Array.create (3 * 40 * 20) 255uy

                let rules fit =
                    ImagePreprocessing(Resolution = 32, Fit = fit, Normalization = Normalization.Clip)

                use longest = (rules ImageFit.LongestSide).Apply(ReadOnlySpan white, 40, 20)
                Expect.equal (longest[0L, 16L, 0L].item<float32>()) 0f "below"
                Expect.isGreaterThan (longest[0L, 15L, 31L].item<float32>()) 1f "the picture"
                let padded = square (rules ImageFit.Pad) white 40 20
                Expect.equal padded[..2] [| 122uy; 116uy; 104uy |] "above"
                let black = square (ImagePreprocessing.FastVlm 32) white 40 20
                Expect.equal (black[..2], black[3 * 32 * 16]) ([| 0uy; 0uy; 0uy |], 255uy) "FastVLM's is black"

            testCase "very long pictures take work of their result's size"
            <| fun () ->
                let rgb = Array.create (3 * 20000 * 2) 255uy
                let watch = Diagnostics.Stopwatch.StartNew()
                let before = GC.GetAllocatedBytesForCurrentThread()

                for width, height in [ 20000, 2; 2, 20000 ] do
                    for rules in [ ImagePreprocessing.Clip(); ImagePreprocessing.Siglip() ] do
                        Expect.all (square rules rgb width height) ((=) 255uy) "one level"

                    let line = Array.max (square (ImagePreprocessing.FastVlm 256) rgb width height)
                    Expect.isTrue (line > 0uy && line < 20uy) "a thin line, in black"

                Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread() - before) 400_000_000L "bytes"
                Expect.isLessThan watch.Elapsed patience "time"

            testCase "wrong sides and sizes are refused"
            <| fun () ->
                let apply (rules: ImagePreprocessing) length width height () =
                    rules.Apply(ReadOnlySpan(Array.zeroCreate<byte> length), width, height).Dispose()

                let clip = ImagePreprocessing.Clip 32
                failsSaying [ "expected 12 bytes"; "found 11" ] (apply clip 11 2 2)
                failsSaying [ "0 x 2 pixels" ] (apply clip 0 0 2)
                failsSaying [ "to 0 pixels" ] (apply (ImagePreprocessing.Clip 0) 12 2 2)

                failsSaying [ "shorter side of 16" ] (fun () ->
                    apply (ImagePreprocessing(Resolution = 32, ShorterSide = 16)) 12 2 2 ())

                failsSaying [ "expected at least one" ] (fun () -> clip.Read(Array.empty<string>).Dispose())
        ]
