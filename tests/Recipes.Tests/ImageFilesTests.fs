/// Picture files that are unusual, damaged, huge, or no pictures: read right, or one clear error that names the file.
module Recipes.Tests.ImageFilesTests

open System
open System.Buffers.Binary
open System.Diagnostics
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open Recipes
open Recipes.Data
open Recipes.Tests.FuzzDoubles
open Recipes.Tests.ImageDoubles
open Recipes.Tests.Support

let private decode (file: byte[]) =
    ImageDecoder.Decode(ReadOnlySpan file, "made.bin")

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

    sum ^^^ 0xffffffffu

let private bigEndian (value: uint32) =
    let number = Array.zeroCreate 4
    BinaryPrimitives.WriteUInt32BigEndian(Span number, value)
    number

/// A PNG of this header (sides, bits a channel, colour type) and these raw rows.
let private png (width: uint32) (height: uint32) bits colour (extra: (string * byte[]) list) (rows: byte[]) =
    let chunk (name: string) (data: byte[]) =
        let body = Array.append (Encoding.ASCII.GetBytes name) data
        Array.concat [ bigEndian (uint32 data.Length); body; bigEndian (crc body) ]

    use packed = new MemoryStream()

    (use zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen = true)
     zlib.Write(ReadOnlySpan rows))

    Array.concat
        [
            [| 0x89uy; 0x50uy; 0x4euy; 0x47uy; 13uy; 10uy; 26uy; 10uy |]
            chunk "IHDR" (Array.concat [ bigEndian width; bigEndian height; [| bits; colour; 0uy; 0uy; 0uy |] ])
            for name, data in extra do
                chunk name data
            chunk "IDAT" (packed.ToArray())
            chunk "IEND" [||]
        ]

[<Tests>]
let tests =
    testList
        "image-files"
        [
            testCase "every kind of file is decoded: colours, sides, the first frame"
            <| fun () ->
                for kind, _, file in pictures do
                    let struct (rgb, width, height) = decode file
                    Expect.equal (width, height, rgb.Length) (16, 12, 3 * 16 * 12) kind
                    // CMYK's way to RGB is a matter of taste; the others are within what JPEG and WebP lose.
                    let tolerance = if kind.StartsWith "CMYK" then 60 else 12

                    for x, colour in [ 2, [ 20; 60; 220 ]; 13, [ 200; 30; 90 ] ] do
                        for c in 0..2 do
                            let found = int rgb[3 * (10 * 16 + x) + c]
                            Expect.isLessThan (abs (found - colour[c])) tolerance $"{kind}: channel {c} at {x}"

            testCase "grey, one bit, 16 bits, transparency and palettes of PNG"
            <| fun () ->
                for what, file, expected in
                    [
                        "grey 8", png 2u 1u 8uy 0uy [] [| 0uy; 10uy; 200uy |], [ 10; 10; 10; 200; 200; 200 ]
                        "grey 16", png 1u 1u 16uy 0uy [] [| 0uy; 0x80uy; 0xffuy |], [ 128; 128; 128 ]
                        "grey 1", png 2u 1u 1uy 0uy [] [| 0uy; 0x40uy |], [ 0; 0; 0; 255; 255; 255 ]
                        "RGB 16", png 1u 1u 16uy 2uy [] [| 0uy; 1uy; 0uy; 2uy; 0uy; 3uy; 0uy |], [ 1; 2; 3 ]
                        "on white", png 1u 1u 8uy 6uy [] [| 0uy; 255uy; 0uy; 0uy; 0uy |], [ 255; 255; 255 ]
                        "half on white", png 1u 1u 8uy 6uy [] [| 0uy; 255uy; 0uy; 0uy; 128uy |], [ 255; 127; 127 ]
                        "palette", png 1u 1u 8uy 3uy [ "PLTE", [| 9uy; 8uy; 7uy |] ] [| 0uy; 0uy |], [ 9; 8; 7 ]
                    ] do
                    let struct (rgb, _, _) = decode file
                    Expect.equal (List.ofArray rgb |> List.map int) expected what

            testCase "one pixel, very wide, very tall: whole, as a square, as a model's input"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    for width, height in [ 1, 1; 20000, 2; 2, 20000 ] do
                        let path = Path.Combine(folder, $"{width}.png")
                        let pixels = Array.create (3 * width * height) 77uy
                        File.WriteAllBytes(path, ImageBytes.ToPng(ReadOnlySpan pixels, width, height))
                        let struct (rgb, w, h) = ImageDecoder.Read path
                        Expect.equal (w, h, rgb = pixels) (width, height, true) path
                        let square = Array.zeroCreate (3 * 32 * 32)
                        ImageDecoder.ReadSquare(path, 32, Span square)
                        Expect.all square ((=) 77uy) "one level"

            testCase "names say nothing: content decides, and what is no picture of the five kinds is refused"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path = Path.Combine(folder, "picture.txt")

                    for kind, _, file in pictures do
                        File.WriteAllBytes(path, file)
                        let struct (_, width, _) = ImageDecoder.Read path
                        Expect.equal width 16 kind

                    let path = Path.Combine(folder, "picture.jpg")

                    for content, found in
                        [
                            [||], "found"
                            [| 0uy |], "found"
                            Encoding.UTF8.GetBytes "<!DOCTYPE html><html></html>", "found no picture"
                            Encoding.UTF8.GetBytes "version https://git-lfs.github.com/spec/v1\n", "found no picture"
                            Array.zeroCreate 1000, "found"
                            icon, "found no picture"
                        ] do
                        File.WriteAllBytes(path, content)

                        failsSaying [ path; "expected a whole picture"; found ] (fun () ->
                            ImageDecoder.Read path |> ignore)

                        failsSaying [ "made.bin"; "expected a whole picture" ] (fun () -> decode content |> ignore)

                    failsSaying [ "found a folder" ] (fun () -> ImageDecoder.Read folder |> ignore)
                    failsSaying [ "found nothing" ] (fun () -> ImageDecoder.Read(path + "x") |> ignore)

            testCase "a file cut anywhere is refused, never half a picture"
            <| fun () ->
                let missing = ResizeArray()

                for kind, _, file in pictures do
                    let struct (whole, _, _) = decode file

                    for kept in 0 .. file.Length - 1 do
                        try
                            let struct (rgb, _, _) = decode file[.. kept - 1]
                            // Only what nothing depends on may be missing: end marks, later frames.
                            if rgb <> whole then
                                missing.Add $"{kind} at {kept} of {file.Length}"
                        with :? RecipesException as e ->
                            Expect.stringContains e.Message "made.bin" "the name"

                Expect.equal (List.ofSeq missing) [] "cuts that gave other pixels"

            testCase "a header that claims too much is refused at once, without memory for it"
            <| fun () ->
                let claims (width: uint32) (height: uint32) =
                    let file = png width height 8uy 2uy [] (Array.zeroCreate 100)
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    let watch = Stopwatch.StartNew()
                    failsSaying [ "made.bin" ] (fun () -> decode file |> ignore)
                    Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread() - before) 10_000_000L "bytes"
                    Expect.isLessThan watch.Elapsed patience "time"

                claims 60000u 60000u
                claims 100000u 1u
                claims 1u 0x7fffffffu
                claims 0xffffffffu 0xffffffffu
                claims 0u 5u

                failsSaying [ "claims 60000 x 60000 pixels"; "200 million" ] (fun () ->
                    decode (png 60000u 60000u 8uy 2uy [] (Array.zeroCreate 100)) |> ignore)

            testCase "EXIF: each of the eight orientations stands upright"
            <| fun () ->
                let _, _, jpeg = pictures |> List.find (fun (kind, _, _) -> kind = "jpeg")
                let struct (stored, w, h) = decode jpeg

                let turned (n: byte) =
                    let exif =
                        Array.concat
                            [
                                [| 0xffuy; 0xe1uy; 0uy; 34uy |]
                                Encoding.ASCII.GetBytes "Exif\000\000MM\000*\000\000\000\b\000\001"
                                [|
                                    1uy
                                    0x12uy
                                    0uy
                                    3uy
                                    0uy
                                    0uy
                                    0uy
                                    1uy
                                    0uy
                                    n
                                    0uy
                                    0uy
                                    0uy
                                    0uy
                                    0uy
                                    0uy
                                |]
                            ]

                    decode (Array.concat [ jpeg[..1]; exif; jpeg[2..] ])

                // Where pixel (x, y) of the upright picture is stored (EXIF 2.3, tag 0x112).
                for n, place in
                    [
                        1uy, (fun x y -> x, y)
                        2uy, (fun x y -> w - 1 - x, y)
                        3uy, (fun x y -> w - 1 - x, h - 1 - y)
                        4uy, (fun x y -> x, h - 1 - y)
                        5uy, (fun x y -> y, x)
                        6uy, (fun x y -> y, h - 1 - x)
                        7uy, (fun x y -> w - 1 - y, h - 1 - x)
                        8uy, (fun x y -> w - 1 - y, x)
                    ] do
                    let struct (rgb, width, height) = turned n
                    Expect.equal (width, height) (if n < 5uy then (w, h) else (h, w)) $"sides of {n}"

                    for y in 0 .. height - 1 do
                        for x in 0 .. width - 1 do
                            let sx, sy = place x y
                            let expected = Array.sub stored (3 * (sy * w + sx)) 3
                            Expect.equal (Array.sub rgb (3 * (y * width + x)) 3) expected $"{n} at {x}, {y}"

                for name, width, height in [ "Landscape_6", 1800, 1200; "Portrait_8", 1200, 1800 ] do
                    let struct (_, w, h) = ImageDecoder.Read(shared $"data/photos/{name}.jpg")
                    Expect.equal (w, h) (width, height) name

            testCase "damaged files of every format are read or refused, nothing else"
            <| fun () ->
                for ending in [ "jpg"; "png"; "webp"; "gif"; "bmp" ] do
                    let seeds =
                        [
                            for _, e, file in pictures do
                                if e = ending then
                                    file
                        ]

                    let watch = Stopwatch.StartNew()
                    let good = survives ending seeds "made.bin" (fun file -> decode file |> ignore)

                    if cases > 500 then
                        let peak = Process.GetCurrentProcess().PeakWorkingSet64 >>> 20

                        eprintfn
                            "%s: %d cases, %d read, %.1f s, peak %d MiB"
                            ending
                            cases
                            good
                            watch.Elapsed.TotalSeconds
                            peak
        ]
