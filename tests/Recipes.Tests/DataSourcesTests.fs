module Recipes.Tests.DataSourcesTests

open System
open System.Text.Json
open Expecto
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.DataFilesTests

let private picture size (r, g, b) =
    ImageBytes.ToPng(ReadOnlySpan(Array.init (3 * size * size) (fun i -> [| r; g; b |][i % 3])), size, size)

let private folderTests =
    [
        testCase "a folder without splits: every fifth picture of a class is for testing"
        <| fun () ->
            inTemporaryFolder (fun root ->
                for name in [ "cats"; "dogs" ] do
                    dataIn root name [ for i in 0..9 -> $"{i}.png", picture 20 (byte (25 * i), 9uy, 7uy) ]
                    |> ignore

                let source = Datasets.ImageFolder root
                let train, test = source.Open Split.Train, source.Open Split.Test
                Expect.equal (train.CountByClass(), test.CountByClass()) ([| 8; 8 |], [| 2; 2 |]) "counts"
                Expect.equal (Seq.toList train.Classes) [ "cats"; "dogs" ] "folder names"
                let rgb = Array.zeroCreate<byte>(3 * 8 * 8)
                test.Read(0, 8, Span rgb)
                Expect.equal rgb[0..2] [| 100uy; 9uy; 7uy |] "the fifth picture")

        testCase "train/ and val/ are the splits; an unknown class there is named with the nearest"
        <| fun () ->
            inTemporaryFolder (fun root ->
                for folder in [ "train/cats"; "train/dogs"; "val/dogs" ] do
                    dataIn root folder [ "a.png", picture 4 (1uy, 2uy, 3uy) ] |> ignore

                let test = (Datasets.ImageFolder root).Open Split.Test
                Expect.equal (test.Count, test.Label 0) (1, 1) "dogs"
                dataIn root "val/cat" [ "a.png", picture 4 (1uy, 2uy, 3uy) ] |> ignore

                failsSaying [ "cat"; "did you mean cats?" ] (fun () ->
                    (Datasets.ImageFolder root).Open Split.Test |> ignore))

        testCase "a broken picture is named, and verify lists all of them"
        <| fun () ->
            inTemporaryFolder (fun root ->
                let good = picture 64 (1uy, 2uy, 3uy)

                let files =
                    [
                        for i in 0..9 ->
                            $"{i}.png",
                            (if i = 3 then good[..60]
                             elif i = 6 then "no picture"B
                             else good)
                    ]

                dataIn root "only" files |> ignore
                let report = DataCheck.Verify(Datasets.ImageFolder root)
                Expect.isFalse report.Good "not good"
                Expect.equal report.Problems.Count 2 $"{report}"
                Expect.stringContains (string report) "3.png: expected a whole picture" "the first"
                Expect.stringContains (string report) "6.png" "the second")

        testCase "EXIF orientation is obeyed (photos of ../shared)"
        <| fun () ->
            let read n =
                let struct (_, width, height) =
                    ImageDecoder.Read(shared $"data/photos/Landscape_{n}.jpg", 0)

                width, height

            Expect.equal [ read 1; read 3; read 6 ] [ 1800, 1200; 1800, 1200; 1800, 1200 ] "all lie"

            let rgb n =
                let bytes = Array.zeroCreate<byte>(3 * 32 * 32)
                ImageDecoder.ReadSquare(shared $"data/photos/Landscape_{n}.jpg", 32, Span bytes)
                bytes

            for n in [ 3; 6 ] do
                let difference =
                    Array.map2 (fun (a: byte) (b: byte) -> abs (float a - float b)) (rgb 1) (rgb n)
                    |> Array.average

                Expect.isLessThan difference 6.0 $"orientation {n} looks as orientation 1"

        testCase "no such folder"
        <| fun () ->
            failsSaying [ "nowhere"; "expected a folder" ] (fun () ->
                (Datasets.ImageFolder "nowhere").Open Split.Train |> ignore)
    ]

let private sourceTests =
    [
        testCase "names find sources, unknown ones hint"
        <| fun () ->
            Expect.equal (Datasets.ByName "fashion_mnist") (Datasets.FashionMnist()) "underscore"
            Expect.equal (Datasets.ByName "Scenes") (Datasets.Scenes()) "case"

            failsSaying [ "cifer10"; "did you mean cifar10?"; "scenes, fashion-mnist" ] (fun () ->
                Datasets.ByName "cifer10" |> ignore)

        testCase "a source is a value, and its JSON comes back"
        <| fun () ->
            let sources =
                [
                    Datasets.Scenes(10, 5, 3L).Take 4
                    Datasets.Cifar10()
                    Datasets.ImageFolder "x"
                    Datasets.Mnist()
                    Datasets.FashionMnist().Take 7
                ]

            for source in sources do
                let json = JsonSerializer.Serialize<ImageSource> source
                Expect.stringContains json $"\"source\":\"{source.Name}\"" "its name"
                Expect.equal (JsonSerializer.Deserialize<ImageSource> json) source json

        testCase "Take gives the same pictures every time, and training never meets testing"
        <| fun () ->
            let take = Datasets.Scenes(100, 100).Take 30

            let read split =
                let set = take.Open split

                [
                    for i in 0 .. set.Count - 1 do
                        let rgb = Array.zeroCreate<byte> 768
                        set.Read(i, 16, Span rgb)
                        rgb
                ]

            Expect.equal (read Split.Train).Length 30 "count"
            Expect.equal (read Split.Train) (read Split.Train) "the same"
            Expect.isEmpty (Set.intersect (set (read Split.Train)) (set (read Split.Test))) "nothing shared"
            failsSaying [ "at least 1"; "0" ] (fun () -> take.Take 0 |> ignore)

        testCase "the preview is one page with every picture in it"
        <| fun () ->
            let html = DataPreview.Html(Datasets.Scenes(9, 1).Open Split.Train, 9)
            Expect.equal (html.Split("<div class=scene>").Length - 1) 9 "scenes"
            Expect.isFalse (html.Contains "http") "no link outside"
    ]

[<Tests>]
let tests = testList "data sources" (folderTests @ sourceTests)
