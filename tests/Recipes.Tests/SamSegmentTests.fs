/// Segment Anything from pictures and pixels to masks.
module Recipes.Tests.SamSegmentTests

open System.IO
open Expecto
open Recipes.Data
open Recipes.Models
open Recipes.Tests.SamDoubles
open Recipes.Tests.Support
open TorchSharp

let private points: SamPoint list =
    [ SamPoint(10.0, 20.0); SamPoint(40.5, 3.25, false) ]

let private logits (segmentation: Segmentation) =
    [ for mask in segmentation.Masks -> mask.Logits.Values ]

[<Tests>]
let tests =
    torchTests
        "sam segment"
        [
            testCase "a picture's masks are those of its tensors, at its own size and in its own pixels"
            <| fun () ->
                use _ = torch.no_grad ()
                use scope = torch.NewDisposeScope()
                use model = build tiny
                let image = picture 90 50
                let found = model.Segment(image, points, [| PixelBox(8, 5, 70, 45) |])
                // The longer side to 64, the other in proportion, zeros below.
                let small = image.Resize(64, 36)
                let square = SamPixels.Normalize(small.ToTensor(), 64)

                Expect.equal
                    (square[2L, 30L, 63L].item<float32>())
                    ((float32 small.Rgb[3 * (30 * 64 + 63) + 2] - 103.53f) / 57.375f)
                    "normalised"

                Expect.equal (square.narrow(1L, 36L, 28L).abs().max().item<float32>()) 0f "padding"
                let x, y = 64.0 / 90.0, 36.0 / 50.0

                let scaled (values: float list) =
                    torch.tensor [| for v in values -> float32 v |]

                let prompts =
                    SamPromptTensors(
                        (scaled [ 10.0 * x; 20.0 * y; 40.5 * x; 3.25 * y ]).reshape(1L, 2L, 2L),
                        torch.tensor([| 1L; 0L |]).unsqueeze 0L,
                        (scaled [ 8.0 * x; 5.0 * y; 70.0 * x; 45.0 * y ]).unsqueeze 0L
                    )

                let struct (expected, ious) = model.forward (square.unsqueeze 0L, prompts)

                let masks =
                    SamPixels.ToOriginal(expected, 64, struct (64, 36), struct (90, 50)).gt(0.0.ToScalar())

                Expect.hasLength found.Masks 3 "masks"

                for i in 0..2 do
                    let mask = found.Masks[i]
                    Expect.equal (mask.Width, mask.Height) (90, 50) "the picture's sides"
                    Expect.isTrue (mask.ToTensor().eq(masks[0L, int64 i]).all().item<bool>()) $"mask {i}"
                    Expect.equal (float32 mask.PredictedIou) (ious[0L, int64 i].item<float32>()) $"IoU {i}"
                    Expect.isLessThan (difference (mask.Logits.ToTensor()) expected[0L, int64 i]) 1e-6 $"logits {i}"
                    Expect.equal mask.Area (int (masks[0L, int64 i].sum().item<int64>())) $"area {i}"

                    if mask.Area > 0 then
                        let columns = masks[0L, int64 i].any(0L).nonzero().flatten().data<int64>().ToArray()

                        Expect.equal
                            (int64 mask.Box.Left, int64 mask.Box.Right)
                            (Array.head columns, Array.last columns + 1L)
                            $"box {i}"

                Expect.equal found.Best.PredictedIou (found.Masks |> Seq.map _.PredictedIou |> Seq.max) "the best"
                Expect.hasLength (model.Segment(image, points, multimask = false)).Masks 1 "one"

            testCase "an edge in the network's map comes back at its place in the picture"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                // Positive left of column 24 and above row 16 of 64: in the picture left of 24·100/64, above 16·40/26.
                let ramp (edge: float) =
                    edge - ((torch.arange 64L).``to``(torch.float32) + 0.5)

                let logits =
                    torch.minimum((ramp 24.0).unsqueeze 0L, (ramp 16.0).unsqueeze 1L).expand(1L, 1L, 64L, 64L)

                let mask =
                    SamPixels.ToOriginal(logits, 64, struct (64, 26), struct (100, 40)).gt(0.0.ToScalar()).squeeze()

                let last axis =
                    mask.any(axis).nonzero().max().item<int64>() + 1L

                Expect.isLessThanOrEqual (abs (float (last 0L) - 37.5)) 1.0 "columns"
                Expect.isLessThanOrEqual (abs (float (last 1L) - 24.6)) 1.0 "rows"

            testCase "one encoding serves many prompts, which in one call are as in several; a mask can be refined"
            <| fun () ->
                use model = build tiny
                let image = picture 50 70
                use embedding = model.Encode image
                Expect.equal embedding.Resized (struct (46, 64)) "the longer side is 64"
                let first = model.Segment(embedding, points)

                let prompts =
                    [|
                        SamPrompt.At(10.0, 20.0)
                        SamPrompt(Points = points)
                        SamPrompt.In(PixelBox(0, 0, 50, 70))
                        SamPrompt.At(50.0, 70.0)
                        SamPrompt(Points = points, Mask = first.Best.Logits)
                        SamPrompt.In(PixelBox(5, 6, 30, 30))
                    |]

                let all = model.Segment(embedding, prompts)
                Expect.hasLength all.Objects 6 "objects"

                for i in 0..5 do
                    Expect.equal all.Objects[i].Prompt prompts[i] "in order"
                    let alone = model.Segment(embedding, [| prompts[i] |])

                    for a, b in List.zip (logits alone) [ for m in all.Objects[i].Masks -> m.Logits.Values ] do
                        Expect.isLessThan
                            (Array.map2 (fun (x: float32) y -> abs (x - y)) a b |> Array.max)
                            1e-4f
                            $"prompt {i}"

                let boxes =
                    model.Segment(embedding, boxes = [| PixelBox(0, 0, 50, 70); PixelBox(5, 6, 30, 30) |])

                Expect.hasLength boxes.Objects 2 "a box for each object"
                let refined = model.Segment(embedding, points, mask = first.Best.Logits)
                Expect.notEqual (logits refined) (logits first) "the mask counts"

            testCase "at a lower resolution too; nothing is left behind"
            <| fun () ->
                use model = build tiny
                let image = picture 90 50

                let counts =
                    [
                        for _ in 1..4 do
                            use embedding = model.Encode(image, 32)
                            Expect.sequenceEqual embedding.Features.shape [| 1L; 32L; 8L; 8L |] "map"
                            let found = model.Segment(embedding, points)
                            Expect.equal found.Best.Logits.Width 32 "logits"
                            model.Segment(embedding, mask = found.Best.Logits) |> ignore
                            DisposeScopeManager.Statistics.ThreadTotalLiveCount
                    ]

                Expect.hasLength (List.distinct (List.tail counts)) 1 $"live tensors: {counts}"

            testCase "what cannot be is refused before the picture is encoded, all in one error"
            <| fun () ->
                use model = build tiny
                let image = picture 90 50

                failsSaying [ "sam_tiny cannot segment"; "found none"; "SamPrompt.At" ] (fun () ->
                    model.Segment image |> ignore)

                failsSaying
                    [
                        "points[0]: expected x from 0 to 90 and y from 0 to 50, found (20, 51)"
                        "points[1]"
                        "box: expected 0 <= left < right <= 90"
                        "mask: expected logits of 64 x 64, found 2 x 1"
                    ]
                    (fun () ->
                        model.Segment(
                            image,
                            [| SamPoint(20.0, 51.0); SamPoint(nan, 1.0) |],
                            [| PixelBox(30, 0, 20, 10) |],
                            SamLogits([| 1f; 2f |], 2, 1)
                        )
                        |> ignore)

                failsSaying [ "prompts[1].points[0]" ] (fun () ->
                    use embedding = model.Encode image

                    model.Segment(embedding, [| SamPrompt.At(1.0, 1.0); SamPrompt.At(-1.0, 1.0) |])
                    |> ignore)

                failsSaying [ "points: expected none beside 2 boxes" ] (fun () ->
                    model.Segment(image, points, [| PixelBox(0, 0, 5, 5); PixelBox(5, 5, 9, 9) |])
                    |> ignore)

                failsSaying [ "resolution"; "multiple of 4"; "found 30"; "Use 28" ] (fun () ->
                    model.Encode(image, 30) |> ignore)

                failsSaying [ "expected 2 x 2 = 4 numbers, found 3" ] (fun () ->
                    SamLogits([| 1f; 2f; 3f |], 2, 2) |> ignore)

                failsSaying [ "9 x 9"; "expected 243 bytes" ] (fun () -> RgbImage([| 1uy |], 9, 9) |> ignore)

            testCase "a segmentation shows itself: a picture for each mask, or one of all objects"
            <| fun () ->
                use model = build tiny
                let image = RgbImage.Read(shared "data/photos/chelsea.png")
                use embedding = model.Encode image
                let one = model.Segment(embedding, [| SamPoint(200.0, 120.0) |])
                Expect.hasLength (one.Pictures()) 3 "masks"
                Expect.stringContains (one.ToHtml()) "data:image/png;base64" "pictures"
                Expect.stringContains (one.ToString()) "Predicted IoU" "a table"

                let several =
                    model.Segment(embedding, [| SamPrompt.At(1.0, 1.0); SamPrompt.In(PixelBox(5, 5, 99, 99)) |])

                Expect.hasLength (several.Pictures()) 1 "all in one"
                Expect.equal (Seq.head (several.Pictures())).Width image.Width "not enlarged"
        ]
