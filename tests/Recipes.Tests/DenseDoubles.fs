/// Small encoders and heads for dense prediction, and small files of dense data.
module Recipes.Tests.DenseDoubles

open System
open System.Collections.Immutable
open System.IO
open System.IO.Compression
open Recipes.Data
open Recipes.Models
open TorchSharp

type Net = torch.nn.Module<torch.Tensor, torch.Tensor>

/// An encoder by what it can do for dense heads.
let encoder (backbone: torch.nn.Module) = box backbone :?> IDenseBackbone

let vit =
    PlainVitSpec(Name = "vit_small", ImageSize = 32, Patch = 8, Width = 32, Layers = 4, Heads = 4, Classes = 10)

let mci =
    FastVitSpec(
        Name = "mci_small",
        Classes = 24,
        Depths = ImmutableArray.Create(1, 1, 1, 1),
        Widths = ImmutableArray.Create(8, 16, 32, 64),
        StemStride = 2,
        LayerScale = 0.1,
        AttentionStages = 1,
        DownsampleGelu = true,
        Head = FastVitHead.Projection
    )

let clip =
    ClipSpec(
        Name = "clip_dense",
        ImageSize = 32,
        Patch = 8,
        VisionWidth = 64,
        VisionLayers = 2,
        Text = ClipTextSpec(Width = 64, Layers = 1, Embedding = 24, Vocabulary = 300)
    )
        .Vision

let heads: (DenseTask * DenseHeadSpec) list =
    [
        DenseTask.Segmentation, LinearDenseSpec()
        DenseTask.Segmentation, UPerNetSpec.Mini 16
        DenseTask.Depth, UPerNetSpec.Mini 16
        DenseTask.Depth, DptSpec.Mini 16
        DenseTask.Boxes, BoxHeadSpec.Mini 16
    ]

let network task (head: DenseHeadSpec) (backbone: ModelSpec) =
    let kind = head.GetType().Name

    DenseNetworkSpec(
        Name = $"{backbone.Name} {kind} {task}",
        Backbone = backbone,
        Head = head,
        Task = task,
        Classes = 12
    )

let networks =
    [
        for backbone in [ vit :> ModelSpec; mci ] do
            for task, head in heads do
                yield network task head backbone

        yield network DenseTask.Depth (DptSpec.Mini 16) clip
    ]

/// Big-endian bytes of a chunk of a PNG file, with its checksum.
let private chunk (kind: string) (data: byte[]) =
    let body = Array.append (Text.Encoding.ASCII.GetBytes kind) data

    let crc =
        (0xFFFFFFFFu, body)
        ||> Array.fold (fun crc b ->
            (crc ^^^ uint32 b, [ 1..8 ])
            ||> List.fold (fun c _ -> if c &&& 1u = 1u then 0xEDB88320u ^^^ (c >>> 1) else c >>> 1))
        |> (^^^) 0xFFFFFFFFu

    let big (n: uint32) = BitConverter.GetBytes n |> Array.rev
    Array.concat [ big (uint32 data.Length); body; big crc ]

/// A grey PNG file of 8 or 16 bits; each row is filtered in another of the five ways.
let greyPng bits width height (value: int -> int -> int) =
    let bytes = bits / 8

    let rows =
        [|
            for y in 0 .. height - 1 ->
                [|
                    for x in 0 .. width - 1 do
                        if bytes = 2 then
                            byte (value x y / 256)

                        byte (value x y % 256)
                |]
        |]

    let at (row: byte[]) i = if i < 0 then 0 else int row[i]

    let filtered =
        [|
            for y in 0 .. height - 1 do
                let row = rows[y]
                let above = if y = 0 then Array.zeroCreate row.Length else rows[y - 1]
                let filter = y % 5
                byte filter

                for i in 0 .. row.Length - 1 do
                    let left, up, corner = at row (i - bytes), int above[i], at above (i - bytes)

                    let guess =
                        match filter with
                        | 1 -> left
                        | 2 -> up
                        | 3 -> (left + up) / 2
                        | 4 ->
                            let p = left + up - corner
                            List.minBy (fun v -> abs (p - v)) [ left; up; corner ]
                        | _ -> 0

                    byte (int row[i] - guess)
        |]

    use packed = new MemoryStream()

    do
        use zlib = new ZLibStream(packed, CompressionMode.Compress, leaveOpen = true)
        zlib.Write(filtered, 0, filtered.Length)

    let header =
        Array.concat
            [
                BitConverter.GetBytes width |> Array.rev
                BitConverter.GetBytes height |> Array.rev
                [| byte bits; 0uy; 0uy; 0uy; 0uy |]
            ]

    Array.concat
        [
            [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]
            chunk "IHDR" header
            chunk "IDAT" (packed.ToArray())
            chunk "IEND" [||]
        ]

let write (path: string) (bytes: byte[]) =
    Directory.CreateDirectory(Path.GetDirectoryName path) |> ignore
    File.WriteAllBytes(path, bytes)

let picture width height =
    let bytes = Array.init (3 * width * height) (fun i -> byte (i % 251))
    ImageBytes.ToPng(ReadOnlySpan bytes, width, height)

/// A CamVid of three training and two test pictures of 24 x 16 pixels; the last column has no label.
let camVid folder =
    for split, count in [ "train", 3; "test", 2 ] do
        for i in 1..count do
            write (Path.Combine(folder, split, $"{i}.png")) (picture 24 16)

            write
                (Path.Combine(folder, split + "_mask", $"{i}.png"))
                (greyPng 8 24 16 (fun x y -> if x = 23 then 11 else (x + y + i) % 11))
