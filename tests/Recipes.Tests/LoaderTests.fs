module Recipes.Tests.LoaderTests

open System
open System.Diagnostics
open System.Threading
open Expecto
open TorchSharp
open Recipes
open Recipes.Data
open Recipes.Tests.Support

let private set = lazy (Datasets.Scenes(50, 20, 3L).Open(Split.Train).Cached())

let private loader workers =
    let augment =
        Augment.None.RandomResizedCrop(0.5).Flip().RandAugment(2, 9).Erase(0.3)

    ImageLoader(set.Value, augment, 8, 24, Normalization.Scenes, Seed = 11L, Workers = workers)

let private read (batches: ImageBatch seq) =
    [
        for batch in batches do
            use batch = batch

            batch.Number,
            Seq.toList batch.Indices,
            batch.Images.contiguous().data<float32>().ToArray(),
            batch.Labels.data<int64>().ToArray()
    ]

/// A set whose picture 20 cannot be read.
let private broken =
    { new IImageSet with
        member _.Name = "broken"
        member _.Count = 40
        member _.Classes = [| "one" |]
        member _.Label _ = 0

        member _.Read(index, _, rgb) =
            if index = 20 then
                raise (RecipesException "picture 20: cut off")

            rgb.Clear()
    }

let private threads () =
    Process.GetCurrentProcess().Threads.Count

let private live () =
    DisposeScopeManager.Statistics.ThreadTotalLiveCount

let private equalityTests =
    [
        testCase "batches are equal bit for bit with 0, 1 and 3 workers"
        <| fun () ->
            let plain = read ((loader 0).Epoch 2)
            Expect.equal plain.Length 7 "the last batch is smaller"
            Expect.equal (read ((loader 1).Epoch 2)) plain "one worker"
            Expect.equal (read ((loader 3).Epoch 2)) plain "three workers"

        testCase "an epoch entered later goes on as if it had not been left"
        <| fun () ->
            for workers in [ 0; 2 ] do
                Expect.equal
                    (read ((loader workers).Epoch(1, 3)))
                    (read ((loader workers).Epoch 1) |> List.skip 3)
                    "from batch 3"

        testCase "every picture comes once in an epoch, in another order in the next"
        <| fun () ->
            let order epoch =
                read ((loader 2).Epoch epoch)
                |> List.collect (fun (_, indices, _, _) -> indices)

            Expect.equal (List.sort (order 0)) [ 0..49 ] "all"
            Expect.notEqual (order 0) (order 1) "another order"

        testCase "drop last, no shuffle, labels, shapes and layout"
        <| fun () ->
            let last =
                ImageLoader(
                    set.Value,
                    Augment.None,
                    8,
                    24,
                    Normalization.Scenes,
                    Shuffle = false,
                    DropLast = true,
                    ChannelsLast = true
                )

            Expect.equal last.Batches 6 "full batches only"
            use batch = last.Epoch 0 |> Seq.head
            Expect.equal (Seq.toList batch.Indices) [ 0..7 ] "in order"
            Expect.equal (batch.Images.shape) [| 8L; 3L; 24L; 24L |] "shape"
            Expect.equal (batch.Images.stride ()) [| 1728L; 1L; 72L; 3L |] "channels innermost"

            Expect.equal
                (batch.Labels.data<int64>().ToArray())
                [| for i in 0..7 -> int64 (set.Value.Label i) |]
                "labels"

            use other =
                ImageLoader.ForEvaluation(set.Value, 8, 24, Normalization.Scenes).Epoch 0
                |> Seq.head

            Expect.isTrue (batch.Images.equal(other.Images).all().item<bool>()) "the layout does not change values"
            let bytes = Array.zeroCreate<byte>(3 * 24 * 24)
            set.Value.Read(0, 24, Span bytes)
            let value = other.Images[0L, 1L, 5L, 7L].item<float32>()
            Expect.equal (Normalization.Scenes.ToByte(value, 1)) bytes[3 * (5 * 24 + 7) + 1] "normalised, and back"
    ]

let private ownershipTests =
    [
        testCase "a batch lives until it is disposed, whatever the scopes around it"
        <| fun () ->
            let batches =
                using (torch.NewDisposeScope()) (fun _ -> (loader 2).Epoch 0 |> Seq.truncate 2 |> Seq.toList)

            Expect.isFalse (batches[0].Images.IsInvalid || batches[0].Labels.IsInvalid) "alive outside the scope"

            for batch in batches do
                batch.Dispose()

            Expect.isTrue batches[0].Images.IsInvalid "freed"

        testCase "the count of live tensors is flat"
        <| fun () ->
            for workers in [ 0; 2 ] do
                let before = live ()

                let counts =
                    [
                        for batch in (loader workers).Epoch 0 do
                            using batch ignore
                            live ()
                    ]

                Expect.equal (live ()) before "nothing is left"
                // Prefetched batches wait with two tensors each; at the epoch's end there are fewer of them.
                Expect.equal (counts[1..3] |> List.distinct |> List.length) 1 $"flat: %A{counts}"

        testCase "leaving early stops the workers and frees what waits"
        <| fun () ->
            let before, tensors = threads (), live ()

            for _ in 1..5 do
                for batch in (loader 3).Epoch 0 |> Seq.truncate 1 do
                    batch.Dispose()

            let clock = Stopwatch.StartNew()

            while threads () > before + 2 && clock.Elapsed.TotalSeconds < 5.0 do
                Thread.Sleep 20

            Expect.isLessThanOrEqual (threads ()) (before + 2) "threads"
            Expect.equal (live ()) tensors "tensors"

        testCase "a worker's error is thrown at its batch, with its message"
        <| fun () ->
            for workers in [ 0; 2 ] do
                let batches =
                    ImageLoader(broken, Augment.None, 8, 16, Normalization.None, Shuffle = false, Workers = workers)

                let mutable seen = 0

                failsSaying [ "picture 20: cut off" ] (fun () ->
                    for batch in batches.Epoch 0 do
                        seen <- seen + 1
                        batch.Dispose())

                Expect.equal seen 2 "the batches before it came"

        testCase "a consumer that throws leaves nothing behind"
        <| fun () ->
            let tensors = live ()

            Expect.throws
                (fun () ->
                    for batch in (loader 2).Epoch 0 do
                        using batch (fun _ -> failwith "stop"))
                "the consumer's own error"

            Expect.equal (live ()) tensors "tensors"

        testCase "wrong values are refused together"
        <| fun () ->
            let bad =
                ImageLoader(set.Value, Augment.None.Flip 3.0, 0, 0, Normalization.None, Workers = -1)

            failsSaying [ "Flip"; "batch size"; "size: expected"; "workers" ] (fun () -> bad.Epoch 0 |> ignore)
    ]

[<Tests>]
let tests = torchTests "loader" (equalityTests @ ownershipTests)
