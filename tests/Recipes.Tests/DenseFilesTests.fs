/// Files of pictures with maps: numbers in PNG files, folders, zip files, and what is broken.
module Recipes.Tests.DenseFilesTests

open System.IO
open System.IO.Compression
open Expecto
open Recipes.Data
open Recipes.Training
open TorchSharp
open Recipes.Tests.DenseDoubles
open Recipes.Tests.Support

let private nowhere folder = DataRoots [| folder |]

let private files =
    [
        testCase "numbers of PNG files come as they are: 8 and 16 bits, all five filters"
        <| fun () ->
            inTemporaryFolder
            <| fun folder ->
                for bits, factor in [ 8, 1; 16, 257 ] do
                    let color, depth =
                        Path.Combine(folder, "s", "color"), Path.Combine(folder, "s", "depth")

                    for i in 1..4 do
                        write (Path.Combine(color, $"{i}.png")) (picture 7 12)

                        write
                            (Path.Combine(depth, $"{i}.png"))
                            (greyPng bits 7 12 (fun x y -> factor * ((7 * x + 31 * y + i) % 256)))

                    let test = DenseDatasets.Rgbd("s", 1000.0, folder).Open Split.Test
                    Expect.equal test.Count 1 "every fourth"
                    Expect.equal (DenseDatasets.Rgbd("s", 1000.0, folder).Open(Split.Train).Count) 3 "the others"

                    let expected =
                        [|
                            for y in 0..11 do
                                for x in 0..6 -> float32 (factor * ((7 * x + 31 * y + 4) % 256)) / 1000f
                        |]

                    Expect.equal (test.Read(0, 0).Depth) expected $"{bits} bits"

        testCase "CamVid's folder and zip file give the same; 11 is no label"
        <| fun () ->
            inTemporaryFolder
            <| fun folder ->
                let plain, zip = Path.Combine(folder, "a"), Path.Combine(folder, "a.zip")
                camVid plain
                ZipFile.CreateFromDirectory(plain, zip)

                for split, count in [ Split.Train, 3; Split.Test, 2 ] do
                    let a, b =
                        DenseDatasets.CamVid(plain).Open split, DenseDatasets.CamVid(zip).Open split

                    Expect.equal (a.Count, b.Count) (count, count) "count"
                    let x, y = a.Read(0, 0), b.Read(0, 0)
                    Expect.equal y.Labels x.Labels "labels"
                    Expect.equal y.Image.Rgb x.Image.Rgb "picture"
                    Expect.equal x.Labels[0] 1uy "a class"
                    Expect.equal x.Labels[23] DenseSample.Ignore "none"

        testCase "broken files are named, with what was expected and found"
        <| fun () ->
            let broken spoil read =
                inTemporaryFolder
                <| fun folder ->
                    camVid folder
                    spoil folder
                    read folder

            let openTrain (folder: string) =
                DenseDatasets.CamVid(folder).Open Split.Train

            let mask (folder: string) =
                Path.Combine(folder, "train_mask", "2.png")

            let readAll folder =
                (let set = openTrain folder in

                 for i in 0 .. set.Count - 1 do
                     set.Read(i, 0) |> ignore)

            broken
                (fun f ->
                    File.Delete(mask f)
                    File.Delete(Path.Combine(f, "train", "3.png")))
                (fun f ->
                    failsSaying [ "2.png: expected a map"; "3.png: a map without its picture" ] (fun () ->
                        openTrain f |> ignore))

            broken (fun f -> write (mask f) (greyPng 8 23 16 (fun _ _ -> 0))) (fun f ->
                failsSaying [ "2.png"; "expected 24 x 16"; "found 23 x 16" ] (fun () -> readAll f))

            broken (fun f -> write (mask f) (greyPng 8 24 16 (fun x y -> if (x, y) = (5, 3) then 12 else 0))) (fun f ->
                failsSaying [ "2.png"; "found 12"; "column 5, row 3" ] (fun () -> readAll f))

            broken (fun f -> write (mask f) (greyPng 8 24 16 (fun _ _ -> 0) |> Array.truncate 60)) (fun f ->
                failsSaying [ "2.png"; "cut off" ] (fun () -> readAll f))

            broken (fun f -> write (mask f) (picture 24 16)) (fun f ->
                failsSaying [ "2.png"; "colour type" ] (fun () -> readAll f))

            broken (fun f -> write (Path.Combine(f, "train", "2.png")) (picture 24 16 |> Array.truncate 100)) (fun f ->
                failsSaying [ "2.png" ] (fun () -> readAll f))

        testCase "a zip file that is cut off, or none, is one clear error"
        <| fun () ->
            inTemporaryFolder
            <| fun folder ->
                let plain, zip = Path.Combine(folder, "a"), Path.Combine(folder, "a.zip")
                camVid plain
                ZipFile.CreateFromDirectory(plain, zip)
                let bytes = File.ReadAllBytes zip

                for length in [ 0; 30; bytes.Length / 2; bytes.Length - 10 ] do
                    File.WriteAllBytes(zip, Array.truncate length bytes)

                    failsSaying [ "a.zip: cannot be read" ] (fun () ->
                        DenseDatasets.CamVid(zip).Open Split.Train |> ignore)

        testCase "data that are nowhere are missing, not broken"
        <| fun () ->
            inTemporaryFolder
            <| fun folder ->
                for source in [ DenseDatasets.CamVid(); DenseDatasets.Rgbd() ] do
                    Expect.throwsT<MissingDataException>
                        (fun () -> source.Open(Split.Train, nowhere folder) |> ignore)
                        source.Name

                let set = Path.Combine(folder, "rgbd")
                write (Path.Combine(set, "kinect", "color", "1.png")) (picture 4 4)
                write (Path.Combine(set, "kinect", "depth", "1.png")) (greyPng 16 4 4 (fun _ _ -> 1000))

                failsSaying [ "kinekt"; "did you mean kinect?" ] (fun () ->
                    DenseDatasets.Rgbd("kinekt").Open(Split.Train, nowhere folder) |> ignore)

        testCase "the real CamVid and Kinect frames, where they are"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let camvid = DenseDatasets.CamVid(shared "data/camvid_nc/camvid_shared.zip")
            let train = camvid.Open Split.Train
            Expect.equal (train.Count, camvid.Open(Split.Test).Count) (100, 30) "counts"
            let sample = train.Read(0, 0)
            Expect.equal (sample.Image.Width, sample.Image.Height) (240, 180) "size"
            Expect.isTrue (sample.Labels |> Array.forall (fun l -> l < 11uy || l = DenseSample.Ignore)) "labels"

            let kinect =
                DenseDatasets.Rgbd("kinect", 1000.0, shared "data/rgbd/rgbd_shared.zip").Open Split.Train

            let depth = kinect.Read(0, 0).Depth |> Array.filter (fun d -> d > 0f)
            Expect.isTrue (Array.min depth > 0.3f && Array.max depth < 15f) "a room"
            let data = camvid.For(DenseTask.Segmentation).Sized(96, 128).Batched 4
            use batch = DenseBatches(train, data, 0L).Epoch(EpochRequest 0) |> Seq.head

            Expect.equal
                (batch.Inputs.shape, batch.Targets.shape)
                ([| 4L; 3L; 96L; 128L |], [| 4L; 96L; 128L |])
                "a batch"
    ]

[<Tests>]
let tests = torchTests "dense files" files
