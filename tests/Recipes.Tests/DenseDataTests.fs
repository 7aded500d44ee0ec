/// Pictures with masks, depths and boxes: sources, shares, crops.
module Recipes.Tests.DenseDataTests

open Expecto
open Recipes.Data
open Recipes.Training
open TorchSharp
open Recipes.Tests.DenseDoubles
open Recipes.Tests.Support

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

        testCase "a cache keeps what fits and reads the rest anew"
        <| fun () ->
            let set = DenseDatasets.Scenes(5, 1).Open Split.Train
            // A picture of 32 pixels has 3 + 1 + 4 bytes a pixel.
            let room = CachedDense(set, 3L * 8L * 1024L)

            for _ in 1..2 do
                for i in 0..4 do
                    Expect.equal (room.Read(i, 32).Labels) (set.Read(i, 32).Labels) "the same"

            Expect.equal room.Bytes (3L * 8L * 1024L) "three pictures"
            Expect.isTrue (obj.ReferenceEquals(room.Read(0, 32), room.Read(0, 32))) "kept"
            Expect.isFalse (obj.ReferenceEquals(room.Read(4, 32), room.Read(4, 32))) "read anew"

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

[<Tests>]
let tests = torchTests "dense data" scenes
