/// Metrics against the official ones, and their laws.
module Recipes.Tests.MetricTests

open Expecto
open Recipes.Reproductions.Parity
open Recipes.Training
open Recipes.Tests.Support
open Recipes.Tests.VerbDoubles
open TorchSharp

let private unit name rows width =
    let values = Array.init (rows * width) (fun i -> 2.0 * u name i - 1.0)
    torch.nn.functional.normalize (torch.tensor(values).view(int64 rows, int64 width), dim = 1L)

let private retrieval =
    [
        testCase "renaming images and reordering captions moves the ranks and nothing else, in chunks of any size"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let images, texts = unit "metric:image" 7 5, unit "metric:text" 12 5
            let owners = [| 0; 0; 1; 2; 2; 2; 3; 4; 5; 5; 6; 6 |]
            let found = Retrieval.Measure(images, texts, owners)

            let pictures, captions =
                [| 4; 2; 0; 6; 1; 3; 5 |], [| 11; 3; 7; 0; 2; 1; 10; 9; 5; 4; 6; 8 |]

            let take (t: torch.Tensor) (order: int[]) =
                t.index_select (0L, torch.tensor (Array.map int64 order))

            let place = Array.init 7 (fun i -> Array.findIndex ((=) i) pictures)

            let moved =
                Retrieval.Measure(
                    take images pictures,
                    take texts captions,
                    captions |> Array.map (fun c -> place[owners[c]]),
                    3
                )

            let ranks (r: RankStatistics) = Array.ofSeq r.Ranks

            Expect.equal
                (ranks moved.ImageToText)
                (pictures |> Array.map (fun i -> (ranks found.ImageToText)[i]))
                "images"

            Expect.equal
                (ranks moved.TextToImage)
                (captions |> Array.map (fun c -> (ranks found.TextToImage)[c]))
                "captions"

            Expect.equal moved.Recall1 found.Recall1 "recall"

            Expect.equal
                (moved.TextToImage.Mean, moved.TextToImage.Median)
                (found.TextToImage.Mean, found.TextToImage.Median)
                "ranks"

        testCase "an image finds itself, chance is what guessing gives, and what does not fit is said"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let images = unit "metric:image" 7 5
            let self = Retrieval.Measure(images, images)
            Expect.equal (self.Recall1, self.ImageToText.Mean, self.ImageToText.Median) (1.0, 1.0, 1.0) "itself"
            Expect.equal (self.ImageToText.Chance 1, self.ImageToText.Chance 10) (1.0 / 7.0, 1.0) "chance"

            failsSaying
                [
                    "owners: expected 7, one for each caption, found 2"
                    "6 images have no caption, the first is 1"
                ]
                (fun () -> Retrieval.Measure(images, images, [| 0; 0 |]) |> ignore)

            failsSaying [ "owners: expected 0 to 6, found 9" ] (fun () ->
                Retrieval.Measure(images, images, [| 0; 1; 2; 3; 4; 5; 9 |]) |> ignore)
    ]

let private accumulators =
    [
        testCase "confusion and depth in batches are confusion and depth at once"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            let labels =
                torch.tensor(Array.init 60 (fun i -> int64 (5.0 * u "metric:label" i) - 1L)).view(6L, 10L)

            let guesses =
                torch.tensor(Array.init 60 (fun i -> int64 (4.0 * u "metric:guess" i))).view(6L, 10L)

            let whole = ConfusionMatrix(4).Add(guesses, labels)
            let parts = ConfusionMatrix 4

            for i in 0L .. 5L do
                parts.Add(guesses[i], labels[i]) |> ignore

            Expect.equal (string parts) (string whole) "all numbers"
            Expect.equal (whole.Total + whole.Ignored) 60L "every pixel"
            Expect.isGreaterThan whole.Ignored 0L "some are ignored"

            let truth =
                torch.tensor(Array.init 60 (fun i -> 4.0 * u "metric:depth" i)).view(6L, 10L)

            let depth =
                truth
                * torch.tensor(Array.init 60 (fun i -> 0.5 + u "metric:wrong" i)).view(6L, 10L)

            let all, each = DepthMeasure().Add(depth, truth), DepthMeasure()

            for i in 0L .. 5L do
                each.Add(depth[i], truth[i]) |> ignore

            Expect.floatClose Accuracy.high (each.Result().Rmse) (all.Result().Rmse) "rmse"

            Expect.floatClose
                Accuracy.high
                (each.Result().ScaleInvariant)
                (all.Result().ScaleInvariant)
                "scale-invariant"

        testCase "a factor on all depths costs nothing scale-invariant, and exactly itself relatively"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let truth = torch.tensor [| 1.0; 2.0; 4.0; 0.0 |]

            let result =
                DepthMeasure().Add(truth * (1.1.ToScalar()) + (1e-9.ToScalar()), truth).Result()

            Expect.floatClose Accuracy.medium result.Relative 0.1 "relative"
            Expect.isLessThan result.ScaleInvariant 1e-6 "scale-invariant"
            Expect.equal (result.Pixels, result.Delta1) (3L, 1.0) "measured pixels"

            failsSaying [ "expected predictions above 0" ] (fun () ->
                DepthMeasure().Add(truth - (2.0.ToScalar()), truth) |> ignore)

            failsSaying [ "nothing to measure" ] (fun () -> DepthMeasure().Result() |> ignore)

        testCase "classes outside of the range are said, and nothing is counted"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let matrix = ConfusionMatrix 2

            failsSaying
                [
                    "labels: expected 0 to 1, found 0 to 2"
                    "predictions: expected 0 to 1, found 0 to 5"
                ]
                (fun () -> matrix.Add(torch.tensor [| 0L; 5L |], torch.tensor [| 0L; 2L |]) |> ignore)

            Expect.equal matrix.Total 0L "nothing"

        testCase "perfect boxes are 1, a second guess at the same box is wrong, a crowd counts nothing"
        <| fun () ->
            let box = Box(10.0, 10.0, 40.0, 40.0)
            let there = [| BoxTruth(1, box) |]

            let measure (guesses: BoxGuess[]) (truths: BoxTruth[]) =
                BoxMeasure().Add(truths, guesses).Result()

            let perfect = measure [| BoxGuess(1, box, 0.5) |] there
            Expect.floatClose Accuracy.high perfect.Ap 1.0 "AP"
            Expect.isTrue (System.Double.IsNaN perfect.ApSmall) "no small truth"
            let twice = [| BoxGuess(1, box, 0.5); BoxGuess(1, box, 0.9) |]
            Expect.floatClose Accuracy.high (measure twice there).Ap 1.0 "the second one comes after full recall"

            let wrongFirst =
                [| BoxGuess(1, box, 0.5); BoxGuess(1, Box(100.0, 100.0, 40.0, 40.0), 0.9) |]

            Expect.floatClose Accuracy.high (measure wrongFirst there).Ap 0.5 "a wrong one before it"

            let crowd =
                [| BoxTruth(1, box); BoxTruth(1, Box(100.0, 100.0, 90.0, 90.0), Crowd = true) |]

            Expect.floatClose Accuracy.high (measure wrongFirst crowd).Ap 1.0 "within a crowd it is not wrong"

        testCase "AUROC counts ties half and knows nothing of monotone maps"
        <| fun () ->
            let positives = Array.init 50 (fun i -> u "metric:positive" i < 0.4)
            let scores = Array.init 50 (fun i -> floor (8.0 * u "metric:score" i))
            let auroc = Ranking.Auroc(scores, positives)
            Expect.floatClose Accuracy.high (Ranking.Auroc(scores |> Array.map exp, positives)) auroc "exp"

            Expect.floatClose
                Accuracy.high
                (Ranking.Auroc(scores |> Array.map (~-), positives))
                (1.0 - auroc)
                "turned round"

            Expect.equal (Ranking.Auroc(Array.create 50 1.0, positives)) 0.5 "all equal"
            let share = float (positives |> Array.filter id).Length / 50.0
            Expect.floatClose Accuracy.high (Ranking.AveragePrecision(Array.create 50 1.0, positives)) share "guessing"
            failsSaying [ "as many labels as scores" ] (fun () -> Ranking.Auroc(scores, [| true |]) |> ignore)
    ]

let private parity =
    [
        testCase "every metric of the official repositories"
        <| fun () ->
            let report = ParityRun.Compare(shared "goldens/metric_set1.json")
            Expect.isTrue report.Passed (report.ToString())
            Expect.isGreaterThan report.Checks.Count 200 "comparisons"
            Expect.isNull report.Left "nothing is left out"
    ]

[<Tests>]
let tests = torchTests "metrics" (retrieval @ accumulators @ parity)
