module Recipes.Tests.ReinforceTests

open System
open Expecto
open Recipes
open Recipes.Data
open Recipes.Training
open Recipes.Verbs
open Recipes.Weights
open Recipes.Tests.Support
open Recipes.Tests.VerbDoubles
open TorchSharp

let private strong =
    scenes.Augmented(Augment.None.RandomResizedCrop(0.4).Flip().RandAugment(2, 9.0))

let private softmax (teacher: TrainDoubles.Net) (images: torch.Tensor) =
    use _ = torch.no_grad ()
    use logits = teacher.call images
    use p = torch.nn.functional.softmax (logits, 1L)
    numbers p

[<Tests>]
let tests =
    torchTests
        "reinforce"
        [
            testCase "an augmentation is replayed bit by bit, and is what epoch v of a loader with this seed shows"
            <| fun () ->
                use teacher = network 4 1L
                let reinforced = strong.Reinforce(teacher, ReinforceOptions(Views = 3, Seed = 7L))

                let loader =
                    ImageLoader(
                        strong.Source.Open Split.Train,
                        strong.Augment,
                        40,
                        16,
                        strong.Source.Normalization,
                        Seed = 7L,
                        Shuffle = false
                    )

                for view in 0..2 do
                    let batch = loader.Epoch view |> Seq.exactlyOne
                    let pixels = batch.Images.data<float32>().ToArray()
                    let table = strong.Source.Normalization.Table()

                    for image in [ 0; 17; 39 ] do
                        let rgb = reinforced.Replay(image, view)
                        Expect.equal (reinforced.Replay(image, view)) rgb "twice"
                        // [H, W, 3] bytes to [3, H, W] numbers
                        let planes =
                            [|
                                for c in 0..2 do
                                    for p in 0..255 -> table[256 * c + int rgb[3 * p + c]]
                            |]

                        Expect.equal planes pixels[768 * image .. 768 * image + 767] $"image {image}, view {view}"

                    batch.Dispose()

                Expect.notEqual (reinforced.Replay(0, 0)) (reinforced.Replay(0, 1)) "views differ"

            testCase "what is stored is what the teacher says; the same options give the same bytes"
            <| fun () ->
                use teacher = network 4 1L
                let before = StateDict.Digest teacher
                let options = ReinforceOptions(Views = 2, Seed = 7L)
                let reinforced = strong.Reinforce(teacher, options)
                Expect.equal (StateDict.Digest teacher, teacher.training) (before, true) "the teacher stays"
                Expect.equal (strong.Reinforce(teacher, options).Bytes) reinforced.Bytes "equal bytes"

                Expect.notEqual
                    (strong.Reinforce(teacher, ReinforceOptions(Views = 2, Seed = 8L)).Bytes)
                    reinforced.Bytes
                    "another seed"

                teacher.eval ()
                let table = strong.Source.Normalization.Table()
                let rgb = reinforced.Replay(5, 1)

                use image =
                    torch
                        .tensor(
                            [|
                                for c in 0..2 do
                                    for p in 0..255 -> table[256 * c + int rgb[3 * p + c]]
                            |]
                        )
                        .view(1L, 3L, 16L, 16L)

                let said = reinforced.Probabilities(5, 1)
                Expect.isLessThan (apart said (softmax teacher image)) 1e-6 "probabilities"
                Expect.floatClose Accuracy.medium (Array.sum said) 1.0 "sum"
                let evidence = reinforced.Evidence

                Expect.equal
                    (evidence.TeacherPasses, evidence.BytesStored)
                    (80L, 8L + 40L * 2L * 10L * 4L)
                    "passes and bytes"

                Expect.equal (int64 reinforced.Bytes.Length + 8L) evidence.BytesStored "the bytes are there"
                Expect.equal evidence.BytesPerImage 80.2 "per image"

                for line in
                    [
                        "40 images, 2 augmentations each, by 1 teacher (mobileone_mini)"
                        "10 of 10 classes of 80 opinions"
                        "the image itself: 768"
                        "none in training"
                    ] do
                    Expect.stringContains (string reinforced) line "evidence"

            testCase "a top k keeps the most probable classes and spreads the rest"
            <| fun () ->
                use teacher = network 4 1L
                use other = network 6 2L
                let all = strong.Reinforce([ teacher; other ], ReinforceOptions(Views = 2))

                let some =
                    strong.Reinforce([ teacher; other ], ReinforceOptions(Views = 2, TopK = 3))

                Expect.equal some.Evidence.BytesStored (8L + 40L * 2L * 2L * 3L * 6L) "bytes"
                let full, top = all.Probabilities(11, 1, 1), some.Probabilities(11, 1, 1)
                let best = Array.sortDescending full |> Array.take 3
                Expect.equal (Array.sortDescending top |> Array.take 3) best "the best three"
                Expect.floatClose Accuracy.medium (Array.sum top) 1.0 "sum"
                let rest = (1.0 - Array.sum best) / 7.0

                Expect.isLessThan
                    (top
                     |> Array.filter (fun p -> not (Array.contains p best))
                     |> Array.map (fun p -> abs (p - rest))
                     |> Array.max)
                    1e-6
                    "the rest"

            testCase "a student of stored opinions is the student of the live teachers on the same augmentations"
            <| fun () ->
                use teacher = network 4 1L
                use other = network 6 2L
                let options = options (Loss.SoftTargets 2.0) 3 5L
                let live = (spec 4).Distill([ teacher; other ], strong, options)

                let stored =
                    (spec 4)
                        .Distill(strong.Reinforce([ teacher; other ], ReinforceOptions(Views = 3, Seed = 5L)), options)

                let losses (d: Distilled<_>) = Seq.toArray d.Evidence.TrainLoss
                Expect.isLessThan (apart (losses live) (losses stored)) 1e-6 "losses"

                Expect.floatClose
                    { absolute = 1e-6; relative = 0.0 }
                    stored.Evidence.After.Loss
                    live.Evidence.After.Loss
                    "test loss"

                Expect.stringContains
                    (string stored)
                    "agreement on the first stored view of the training images"
                    "evidence"

                Expect.equal stored.Evidence.Teachers.Count 2 "both teachers"

            testCase "epochs beyond the views begin anew, in the plan's own order; the student stays as it is"
            <| fun () ->
                use teacher = network 4 1L
                use student = network 4 3L
                let before = StateDict.Digest student
                let reinforced = strong.Reinforce(teacher, ReinforceOptions(Views = 2))
                let options = options (Loss.SoftTargets()) 5 9L

                let once, twice =
                    student.Distill(reinforced, options), student.Distill(reinforced, options)

                Expect.equal once.Evidence.Steps 10L "steps"
                Expect.equal (StateDict.Digest once.Model) (StateDict.Digest twice.Model) "the same seed"
                Expect.equal (StateDict.Digest student) before "the argument"

                let struct (train, _) =
                    ImageBatches.Open(strong, 9L, OpenedImages(), RepeatedViews(0L, 2))

                let image epoch =
                    train.Epoch(EpochRequest epoch)
                    |> Seq.collect (fun b ->
                        use owned = b
                        let at = b.Indices |> Seq.tryFindIndex ((=) 3)

                        at
                        |> Option.map (fun i -> numbers b.Inputs[int64 i])
                        |> Option.toList
                        |> List.toSeq)
                    |> Seq.tryHead

                match image 0, image 2, image 1 with
                | Some a, Some b, other ->
                    Expect.equal a b "epoch 2 shows view 0 again"
                    Expect.notEqual (Some a) other "epoch 1 another"
                | _ -> failtest "image 3 was left out with the short batch; choose another"

            testCase "what does not fit is said all at once"
            <| fun () ->
                use teacher = network 4 1L
                use five = Recipes.Models.MobileOne.Mini(5, 4).Build 0L

                failsSaying
                    [
                        "scenes cannot be reinforced"
                        "views: expected 1 to 10000, found 0"
                        "topK: expected at least 1, found 0"
                        "data.size"
                        "teachers: expected at least 1"
                    ]
                    (fun () -> (strong.Sized 4).Reinforce([], ReinforceOptions(Views = 0, TopK = 0)) |> ignore)

                failsSaying
                    [
                        "teacher 2 mobileone_mini: expected logits [B, 10]"
                        "topK: expected at most the 10 classes"
                    ]
                    (fun () -> strong.Reinforce([ teacher; five ], ReinforceOptions(TopK = 11)) |> ignore)

                failsSaying [ "5 views of images that are not augmented are equal" ] (fun () ->
                    (scenes.Augmented Augment.None).Reinforce(teacher) |> ignore)

                let reinforced = strong.Reinforce(teacher, ReinforceOptions(Views = 1))

                failsSaying [ "image: expected 0 to 39, found 40"; "view: expected 0 to 0, found 1" ] (fun () ->
                    reinforced.Replay(40, 1) |> ignore)

                let mixed =
                    DistillOptions(
                        Plan = TrainPlan(Epochs = 1, Mixup = 0.2, Progressive = [ ResolutionPhase(0.0, 16) ])
                    )

                failsSaying [ "teachers have not seen mixed images"; "progressive: expected none" ] (fun () ->
                    (spec 4).Distill(reinforced, mixed) |> ignore)
        ]
