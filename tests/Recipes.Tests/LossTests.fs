/// Contrastive losses and distillation of embeddings: against the official ones, and their laws.
module Recipes.Tests.LossTests

open Expecto
open Recipes
open Recipes.Reproductions.Parity
open Recipes.Training
open Recipes.Verbs
open Recipes.Tests.Support
open Recipes.Tests.VerbDoubles
open TorchSharp

/// Rows of length 1, in float64.
let private unit name rows width =
    let values = Array.init (rows * width) (fun i -> 2.0 * u name i - 1.0)
    torch.nn.functional.normalize (torch.tensor(values).view(int64 rows, int64 width), dim = 1L)

let private batch = 6

let private student () =
    unit "law:image" batch 16, unit "law:text" batch 16, torch.tensor 10.0

/// Two teachers of widths 8 and 12.
let private taught () =
    torch.cat ([| unit "law:ti1" batch 8; unit "law:ti2" batch 12 |], 1L),
    torch.cat ([| unit "law:tt1" batch 8; unit "law:tt2" batch 12 |], 1L)

let private widths = [| 8; 12 |]

/// A loss and its gradients by image, text and scale.
let private differentiate (loss: torch.Tensor -> torch.Tensor -> torch.Tensor -> torch.Tensor) =
    let image, text, scale = student ()
    let leaves = [| image; text; scale |] |> Array.map _.detach().requires_grad_(true)
    let value = loss leaves[0] leaves[1] leaves[2]
    value.backward ()
    value.item<float>(), leaves |> Array.collect (fun l -> numbers l.grad)

let private rows (order: int64[]) (t: torch.Tensor) = t.index_select (0L, torch.tensor order)

let private permutation = [| 3L; 0L; 5L; 1L; 4L; 2L |]

let private laws =
    [
        testCase "λ = 0 is CLIP, and CLIP of equal embeddings is the logarithm of the batch"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let clip, clipGradient = differentiate (fun i t s -> ContrastiveLoss.Of(i, t, s))

            let none, gradient =
                differentiate (fun i t s -> ContrastiveTargets(Lambda = 0.0).Of(i, t, s))

            Expect.equal (none, gradient) (clip, clipGradient) "bit by bit"
            let same = (unit "law:image" 1 16).expand(int64 batch, 16L)
            let value = ContrastiveLoss.Of(same, same, torch.tensor 10.0).item<float>()
            Expect.floatClose Accuracy.high value (log (float batch)) "no difference, no knowledge"

        testCase "identical teachers are one teacher"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let ti, tt = unit "law:ti1" batch 8, unit "law:tt1" batch 8
            let twice (t: torch.Tensor) = torch.cat ([| t; t |], 1L)

            let one, g1 =
                differentiate (fun i t s -> ContrastiveTargets().Of(i, t, s, ti, tt, [| 8 |]))

            let two, g2 =
                differentiate (fun i t s -> ContrastiveTargets().Of(i, t, s, twice ti, twice tt, [| 8; 8 |]))

            Expect.floatClose Accuracy.high two one "loss"
            Expect.isLessThan (apart g1 g2) 1e-12 "gradients"

            let joint, _ =
                differentiate (fun i t s ->
                    ContrastiveTargets(Joint = true, TeacherScales = [| 50.0 |])
                        .Of(i, t, s, twice ti, twice tt, [| 8; 8 |]))

            Expect.floatClose Accuracy.high joint one "jointly at half the scale too"

        testCase "the cross-entropy form and the divergence have equal gradients and differ by the teachers' entropy"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let ti, tt = taught ()

            for lambda in [ 1.0; 0.75 ] do
                let targets = ContrastiveTargets(Lambda = lambda, TeacherScales = [| 7.0; 6.0 |])
                let ce, g1 = differentiate (fun i t s -> targets.Of(i, t, s, ti, tt, widths))

                let kl, g2 =
                    differentiate (fun i t s -> targets.Divergence(i, t, s, ti, tt, widths))

                let entropy = targets.Entropy(ti, tt, widths).item<float>()
                Expect.isLessThan (apart g1 g2) 1e-6 "gradients"
                Expect.floatClose Accuracy.high (ce - kl) (lambda * entropy) "difference"
                Expect.isGreaterThan entropy 0.1 "these teachers are not sure"

            // The paper's form, term by term.
            let term (image: torch.Tensor) (text: torch.Tensor) scale =
                let logits = torch.tensor (scale: float) * image.matmul (text.t ())
                let i, t, s = student ()
                let ours = s * i.matmul (t.t ())

                let kl (ours: torch.Tensor) (theirs: torch.Tensor) =
                    SoftTargets.Divergence(ours, torch.nn.functional.softmax (theirs, 1L), 1.0).item<float>()

                (kl ours logits + kl (ours.t ()) (logits.t ())) / 2.0

            let narrow (t: torch.Tensor) from width = t.narrow (1L, from, width)

            let paper =
                (term (narrow ti 0L 8L) (narrow tt 0L 8L) 7.0
                 + term (narrow ti 8L 12L) (narrow tt 8L 12L) 6.0)
                / 2.0

            let ours, _ =
                differentiate (fun i t s ->
                    ContrastiveTargets(TeacherScales = [| 7.0; 6.0 |]).Divergence(i, t, s, ti, tt, widths))

            Expect.floatClose Accuracy.high ours paper "the mean over teachers of KL"

        testCase "the order of the batch does not matter"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let image, text, scale = student ()
            let ti, tt = taught ()
            let move = rows permutation

            let losses i t ti tt : float list =
                [
                    ContrastiveLoss.Of(i, t, scale).item<float>()
                    ContrastiveLoss.Siglip(i, t, scale, torch.tensor -10.0).item<float>()
                    ContrastiveTargets(Lambda = 0.75).Of(i, t, scale, ti, tt, widths).item<float>()
                    SigmoidTargets().Of(i, t, scale, torch.tensor -10.0, ti, tt, widths).item<float>()
                ]

            for a, b in List.zip (losses image text ti tt) (losses (move image) (move text) (move ti) (move tt)) do
                Expect.floatClose Accuracy.high a b "a permuted batch"

            let broken = ContrastiveLoss.Of(move image, text, scale).item<float>()

            Expect.isGreaterThan
                (abs (broken - ContrastiveLoss.Of(image, text, scale).item<float>()))
                1e-3
                "pairs matter"

        testCase "real and synthetic captions add up, and either may be absent"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let image, text, scale = student ()
            let other = unit "law:syn" batch 16
            let ti, tt = taught ()
            let targets = ContrastiveTargets(Lambda = 0.75)
            let real, synthetic = CaptionEmbeddings(text, tt), CaptionEmbeddings(other, tt)

            let pair (a: CaptionEmbeddings) (b: CaptionEmbeddings) =
                targets.Pair(image, a, b, scale, ti, widths).item<float>()

            Expect.floatClose Accuracy.high (pair real synthetic) (pair real null + pair null synthetic) "a sum"
            failsSaying [ "expected real or synthetic ones, found neither" ] (fun () -> pair null null |> ignore)

        testCase "half-precision embeddings are computed in float32"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let image, text, _ = student ()
            let half (t: torch.Tensor) = t.``to`` torch.bfloat16
            let ti, tt = taught ()
            let scale = torch.tensor 100.0f

            let loss (image: torch.Tensor) (text: torch.Tensor) (ti: torch.Tensor) (tt: torch.Tensor) =
                ContrastiveTargets(Lambda = 0.5).Of(image, text, scale, ti, tt, widths)

            let halved = loss (half image) (half text) (half ti) (half tt)
            let wide (t: torch.Tensor) = (half t).``to`` torch.float32
            Expect.equal halved.dtype torch.float32 "type"

            Expect.equal
                (halved.item<float32>())
                ((loss (wide image) (wide text) (wide ti) (wide tt)).item<float32>())
                "bits"

        testCase "what does not fit is said all at once"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let image, text, scale = student ()
            let ti, tt = taught ()

            failsSaying
                [
                    "widths: expected one for each teacher"
                    "teacher image: expected"
                    "teacher text: expected"
                ]
                (fun () -> ContrastiveTargets().Of(image, text, scale) |> ignore)

            failsSaying
                [
                    "teacher scales: expected 1 or 2, found 3"
                    "teacher text: expected [B, 8 + 12], found [6, 8]"
                ]
                (fun () ->
                    ContrastiveTargets(TeacherScales = [| 1.0; 2.0; 3.0 |])
                        .Of(image, text, scale, ti, tt.narrow (1L, 0L, 8L), widths)
                    |> ignore)

            let problems =
                ContrastiveTargets(Lambda = 2.0, TeacherScales = [| -1.0 |]).Problems()
                |> List.ofSeq

            Expect.equal
                problems
                [
                    "lambda: expected 0 to 1, found 2"
                    "teacher scales: expected above 0, found -1"
                ]
                "all"

        testCase "losses leave no tensors behind"
        <| fun () ->
            let image, text, scale = student ()
            let ti, tt = taught ()

            flat "contrastive targets" (fun () ->
                ContrastiveTargets(Lambda = 0.5).Of(image, text, scale, ti, tt, widths).Dispose())
    ]

let private parity =
    [
        testCase "every loss of the official repositories, with gradients, and ten steps of data parameters"
        <| fun () ->
            let report = ParityRun.Compare(shared "goldens/loss_set1.json")
            Expect.isTrue report.Passed (report.ToString())
            Expect.isGreaterThan report.Checks.Count 2000 "comparisons"
            Expect.isNull report.Left "nothing is left out"
    ]

[<Tests>]
let tests = torchTests "losses" (laws @ parity)
