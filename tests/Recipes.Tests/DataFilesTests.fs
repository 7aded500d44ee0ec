module Recipes.Tests.DataFilesTests

open System
open System.IO
open System.IO.Compression
open System.Text.Json
open Expecto
open Recipes.Data
open Recipes.Tests.Support

let private gzip (bytes: byte[]) =
    use target = new MemoryStream()

    using (new GZipStream(target, CompressionLevel.Fastest)) (fun stream -> stream.Write(bytes, 0, bytes.Length))
    target.ToArray()

let private bigEndian (n: int) = BitConverter.GetBytes n |> Array.rev

let private idx (shape: int list) (data: byte[]) =
    Array.concat
        [
            [| 0uy; 0uy; 8uy; byte shape.Length |]
            yield! List.map bigEndian shape
            data
        ]

let private labels count =
    idx [ count ] (Array.init count (fun i -> byte (i % 10)))

let private images count =
    idx [ count; 28; 28 ] (Array.init (count * 784) (fun i -> byte (i % 251)))

/// Writes files of a data set into a root's folder and gives the root.
let dataIn root folder (files: (string * byte[]) list) =
    let path = Path.Combine(root, folder)
    Directory.CreateDirectory path |> ignore

    for name, bytes in files do
        File.WriteAllBytes(Path.Combine(path, name), bytes)

    DataRoots [| root |]

let private withIdx (imageName, imageBytes) (labelName, labelBytes) check =
    inTemporaryFolder (fun root ->
        let roots = dataIn root "mnist" [ imageName, imageBytes; labelName, labelBytes ]
        check (fun () -> Datasets.Mnist().Open(Split.Train, roots)))

let private trainImages, trainLabels =
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte"

let private refused name images labels fragments =
    testCase name
    <| fun () ->
        withIdx images labels (fun openIt ->
            failsSaying ("recipes data get" :: fragments) (fun () -> openIt () |> ignore))

let private brokenIdx =
    let good = gzip (images 20)
    let flipped = Array.copy good
    flipped[good.Length - 6] <- flipped[good.Length - 6] ^^^ 0xFFuy
    let gz = trainImages + ".gz"

    [
        refused "not gzip" (gz, images 20) (trainLabels, labels 20) [ gz; "cannot be read" ]
        refused "gzip with a wrong checksum" (gz, flipped) (trainLabels, labels 20) [ gz; "cannot be read" ]
        refused "gzip cut off" (gz, good[.. good.Length / 2]) (trainLabels, labels 20) [ gz ]
        refused "empty" (gz, [||]) (trainLabels, labels 20) [ gz; "empty" ]
        refused
            "wrong magic"
            (trainImages, labels 20)
            (trainLabels, labels 20)
            [ trainImages; "expected the magic number 2051"; "found 2049" ]
        refused
            "short"
            (trainImages, (images 20)[..999])
            (trainLabels, labels 20)
            [ "expected 15696 bytes"; "found 1000" ]
        refused
            "trailing bytes"
            (trainImages, Array.append (images 20) [| 1uy |])
            (trainLabels, labels 20)
            [ "found 15697" ]
        refused "huge counts" (trainImages, idx [ Int32.MaxValue; 28; 28 ] [||]) (trainLabels, labels 20) [ "found 16" ]
        refused
            "negative counts"
            (trainImages, idx [ -1; 28; 28 ] [||])
            (trainLabels, labels 20)
            [ "positive dimensions" ]
        refused
            "counts differ, and a label is out of range: both are said"
            (trainImages, images 20)
            (trainLabels, idx [ 3 ] [| 1uy; 2uy; 77uy |])
            [ "expected 20 labels"; "found 3"; "found 77 at position 2" ]
    ]

let private idxTests =
    [
        testCase "upstream names, plain and gzipped, give the same pictures"
        <| fun () ->
            let bytes (set: IImageSet) size =
                [
                    for i in 0 .. set.Count - 1 do
                        let rgb = Array.zeroCreate<byte>(3 * size * size)
                        set.Read(i, size, Span rgb)
                        set.Label i, rgb
                ]

            withIdx (trainImages, images 20) (trainLabels, labels 20) (fun plain ->
                withIdx (trainImages + ".gz", gzip (images 20)) (trainLabels, labels 20) (fun packed ->
                    let set = plain ()
                    Expect.equal set.Count 20 "count"
                    Expect.equal (bytes set 28) (bytes (packed ()) 28) "native"
                    Expect.equal (bytes set 40) (bytes (packed ()) 40) "resized"
                    let first = bytes set 28 |> List.head |> snd

                    Expect.equal
                        first[0..8]
                        [| 0uy; 0uy; 0uy; 1uy; 1uy; 1uy; 2uy; 2uy; 2uy |]
                        "grey fills three channels"))

        testCase "Fashion-MNIST of ../shared splits into balanced halves that share nothing"
        <| fun () ->
            let roots = DataRoots [| shared "data" |]
            let train = Datasets.FashionMnist().Open(Split.Train, roots)
            let test = Datasets.FashionMnist().Open(Split.Test, roots)
            Expect.equal (train.Count, test.Count) (500, 100) "counts"
            Expect.equal (train.CountByClass()) (Array.create 10 50) "train classes"
            Expect.equal (test.CountByClass()) (Array.create 10 10) "test classes"
            Expect.equal train.Classes[9] "Ankle boot" "names"

        testCase "missing data says where it was looked for and how to get it"
        <| fun () ->
            inTemporaryFolder (fun root ->
                failsSaying
                    [
                        "fashion-mnist: not found"
                        root
                        "recipes data get fashion-mnist"
                        "RECIPES_DATA"
                    ]
                    (fun () -> Datasets.FashionMnist().Open(Split.Train, DataRoots [| root |]) |> ignore))
    ]

let private cifarTests =
    let record label =
        Array.append [| label |] (Array.init 3072 (fun i -> byte (i / 1024 * 100)))

    [
        testCase "CIFAR-10 of ../shared"
        <| fun () ->
            let roots = DataRoots [| shared "data" |]
            let test = Datasets.Cifar10().Open(Split.Test, roots)
            Expect.equal (test.CountByClass()) (Array.create 10 200) "classes"
            Expect.equal [ for i in 0..9 -> test.Label i ] [ 0..9 ] "interleaved"

        testCase "upstream's five training files are one set, red first"
        <| fun () ->
            inTemporaryFolder (fun root ->
                let roots =
                    dataIn
                        root
                        "cifar-10-batches-bin"
                        [
                            for i in 1..5 -> $"data_batch_{i}.bin", Array.append (record 1uy) (record (byte i))
                        ]

                let train = Datasets.Cifar10().Open(Split.Train, roots)

                Expect.equal
                    [ for i in 0 .. train.Count - 1 -> train.Label i ]
                    [ 1; 1; 1; 2; 1; 3; 1; 4; 1; 5 ]
                    "labels"

                let rgb = Array.zeroCreate<byte> 3072
                train.Read(0, 32, Span rgb)
                Expect.equal rgb[0..2] [| 0uy; 100uy; 200uy |] "planes")

        testCase "a short file and a label out of range are refused"
        <| fun () ->
            for bytes, fragment in [ (record 1uy)[..3000], "3001 bytes"; record 10uy, "found 10 in record 0" ] do
                inTemporaryFolder (fun root ->
                    let roots = dataIn root "cifar10" [ "train.bin.gz", gzip bytes ]

                    failsSaying [ "train.bin.gz"; fragment ] (fun () ->
                        Datasets.Cifar10().Open(Split.Train, roots) |> ignore))
    ]

[<Tests>]
let tests =
    testList "data files" [ testList "broken idx" brokenIdx; yield! idxTests @ cifarTests ]
