/// Pictures with masks, depths and boxes: sources, shares, crops, files that are broken.
module Recipes.Tests.DenseDataTests

open System.IO
open System.IO.Compression
open Expecto
open Recipes
open Recipes.Data
open Recipes.Training
open TorchSharp
open Recipes.Tests.DenseDoubles
open Recipes.Tests.Support

let private nowhere folder = DataRoots [| folder |]

let private scenes =
    [
        testCase "scenes have masks, depths and boxes that agree, at any resolution"
        <| fun () ->
            let set = DenseDatasets.Scenes(30, 5).Open Split.Train
            Expect.equal set.Count 30 "count"
            Expect.hasLength set.Classes 12 "background, shapes, word"
            Expect.hasLength set.BoxClasses 11 "shapes, word"

            for side in [ 32; 64 ] do
                for i in 0..29 do
                    let sample = set.Read(i, side)

                    Expect.equal
                        (sample.Image.Width, sample.Labels.Length, sample.Depth.Length)
                        (side, side * side, side * side)
                        "size"

                    Expect.isTrue (sample.Depth |> Array.forall (fun d -> d >= 1f && d <= 10f)) "metres"

                    for box in sample.Boxes do
                        let inside =
                            [
                                for y in box.Box.Top .. box.Box.Bottom - 1 do
                                    for x in box.Box.Left .. box.Box.Right - 1 -> int sample.Labels[y * side + x]
                            ]

                        Expect.contains inside (box.Label + 1) $"scene {i}: its class within the box"

        testCase "a share of the labels is the same each time, part of a larger one, and leaves the test pictures alone"
        <| fun () ->
            let chosen (fraction: float) =
                (DenseDatasets.Scenes(400, 7).Labelled(fraction).Open Split.Train :?> DenseSubset).Indices
                |> set

            Expect.hasLength (chosen 0.01) 4 "1 %"
            Expect.hasLength (chosen 0.1) 40 "10 %"
            Expect.equal (chosen 0.1) (chosen 0.1) "the same"
            Expect.isTrue (Set.isSubset (chosen 0.01) (chosen 0.1)) "nested"
            Expect.equal (DenseDatasets.Scenes(400, 7).Labelled(0.01).Open(Split.Test).Count) 7 "test"
            Expect.equal (DenseDatasets.Scenes(3, 7).Labelled(0.01).Open(Split.Train).Count) 1 "at least one"
            failsSaying [ "above 0 to 1"; "10"; "0.01" ] (fun () -> DenseDatasets.Scenes(3, 7).Labelled 10 |> ignore)

        testCase "the same batches come from the same seed, wherever the epoch is entered; every picture once a round"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            let data =
                DenseDatasets
                    .Scenes(10, 4)
                    .For(DenseTask.Segmentation)
                    .Sized(32)
                    .Batched(4, 20)
                    .Augmented(DenseAugment.Usual)

            let struct (train, test) = DenseBatches.Open(data, 3L)

            let read first epoch =
                train.Epoch(EpochRequest(epoch, first)) |> List.ofSeq

            let whole = read 0 1
            Expect.hasLength whole 5 "batches"
            let again = read 3 1

            for a, b in List.zip (List.skip 3 whole) again do
                Expect.equal ((a.Inputs - b.Inputs).abs().max().item<float32>()) 0f "inputs"
                Expect.equal ((a.Targets - b.Targets).ne(torch.tensor 0uy).sum().item<int64>()) 0L "targets"

            let places = whole |> List.collect (fun b -> List.ofSeq b.Indices)
            Expect.equal (places |> List.countBy id |> List.map snd |> List.distinct) [ 2 ] "20 of 10: each twice"
            Expect.equal (places |> List.take 10 |> List.sort) [ 0..9 ] "a round"

            Expect.notEqual
                (read 0 0 |> List.map (fun b -> List.ofSeq b.Indices))
                (whole |> List.map (fun b -> List.ofSeq b.Indices))
                "epochs"

            let tests = test.Epoch(EpochRequest 0) |> List.ofSeq
            Expect.equal (tests |> List.map _.Count) [ 4 ] "test: each once, in order"

        testCase "picture and map are cropped and mirrored alike"
        <| fun () ->
            // Every pixel's colour is its label: so it must stay, at the nearest pixel.
            let set =
                { new IDenseSet with
                    member _.Name = "paint"
                    member _.Count = 1
                    member _.Tasks = [| DenseTask.Segmentation; DenseTask.Boxes |]
                    member _.Classes = [| "a"; "b" |]
                    member _.BoxClasses = [| "a"; "b" |]

                    member _.Read(_, side) =
                        let labels =
                            Array.init (side * side) (fun p -> if p % side < side / 2 then 0uy else 1uy)

                        let rgb = labels |> Array.collect (fun l -> Array.create 3 (l * 200uy))

                        DenseSample(
                            RgbImage(rgb, side, side),
                            labels,
                            null,
                            [| LabelledBox(1, Recipes.Data.PixelBox(side / 2, 0, side, side)) |]
                        )
                }

            use scope = torch.NewDisposeScope()

            let batches task =
                let data =
                    DenseDatasets.Scenes(1, 1).For(task).Sized(32).Batched(16, 16).Augmented(DenseAugment.Usual)

                DenseBatches(set, data, 1L).Epoch(EpochRequest 0) |> Seq.exactlyOne

            let batch = batches DenseTask.Segmentation
            let bright = batch.Inputs.select(1, 0L).gt(torch.tensor -0.5f)
            let labelled = batch.Targets.eq (torch.tensor 1uy)
            let wrong = bright.ne(labelled).``to``(torch.float32).mean().item<float32>()
            Expect.isLessThan wrong 0.04f "but for the resized edge"
            let left = labelled.select(2, 0L).any(1L).sum().item<int64>()
            Expect.isTrue (left > 2L && left < 14L) $"some are mirrored: {left} of 16"
            let boxes = (batches DenseTask.Boxes).Targets

            for i in 0L .. 15L do
                let box = boxes[i, 0].data<float32>().ToArray()

                if box[0] = 1f then
                    let row = labelled[i, 16].nonzero().data<int64>().ToArray()
                    Expect.isLessThan (abs (float32 row[0] - box[1])) 2f "the box begins where its class does"
                    Expect.isLessThan (abs (float32 (Array.last row + 1L) - box[3])) 2f "and ends there"

        testCase "values out of range and data that do not know are said together"
        <| fun () ->
            failsSaying [ "augment.minScale"; "dense.size"; "dense.perEpoch" ] (fun () ->
                DenseBatches(
                    DenseDatasets.Scenes(3, 3).Open Split.Train,
                    DenseDatasets
                        .Scenes(3, 3)
                        .For(DenseTask.Depth)
                        .Sized(2)
                        .Batched(8, 4)
                        .Augmented(DenseAugment(0.0, 1.0, 1.0, 0.5))
                )
                |> ignore)
    ]

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
let tests = torchTests "dense data" (scenes @ files)
