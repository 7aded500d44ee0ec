module Recipes.Tests.DistillTests

open System.IO
open System.Text.Json
open Expecto
open Recipes
open Recipes.Data
open Recipes.Models
open Recipes.Training
open Recipes.Verbs
open Recipes.Weights
open Recipes.Tests.Support
open Recipes.Tests.VerbDoubles
open TorchSharp

/// Loss and its gradient with respect to logits.
let private differentiate (logits: float[]) (loss: torch.Tensor -> torch.Tensor) =
    use scope = torch.NewDisposeScope()
    let z = torch.tensor(logits).view(8L, 10L).requires_grad_ true
    let value = loss z
    value.backward ()
    value.item<float>(), numbers z.grad

let private logits name =
    Array.init 80 (fun i -> 3.0 * (2.0 * u $"input:loss:set1:{name}" i - 1.0))

let private teachers (names: string list) =
    torch.tensor(Array.concat (List.map logits names)).view(int64 names.Length, 8L, 10L)

let private labels = [| 6L; 9L; 3L; 3L; 7L; 6L; 4L; 7L |]

let private laws =
    [
        testCase "cross-entropy form and KL form have equal gradients and differ by the targets' entropy"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            for temperature in [ 1.0; 4.0 ] do
                let targets =
                    SoftTargets.Average(teachers [ "teacher_logits"; "dp_logits" ], temperature)

                let kl, klGradient =
                    differentiate (logits "logits") (fun z -> SoftTargets.Divergence(z, targets, temperature))

                let ce, ceGradient =
                    differentiate (logits "logits") (fun z -> SoftTargets.CrossEntropy(z, targets, temperature))

                Expect.isLessThan (apart klGradient ceGradient) 1e-12 "gradients"
                let entropy = SoftTargets.Entropy(targets).item<float>()
                Expect.floatClose Accuracy.high (ce - kl) entropy "difference"
                Expect.isGreaterThan kl 0.0 "a divergence"

        testCase "the divergence of a student that says what the teacher says is 0, also where a probability is 0"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            let sure = torch.tensor([| 0.0; 1.0; 0.0 |]).view(1L, 3L)
            let z = torch.tensor([| -800.0; 0.0; -800.0 |]).view(1L, 3L)
            Expect.equal (SoftTargets.Divergence(z, sure, 1.0).item<float>()) 0.0 "sure"
            let same = teachers [ "logits" ]
            let targets = SoftTargets.Average(same, 3.0)

            let value, gradient =
                differentiate (logits "logits") (fun z -> SoftTargets.Divergence(z, targets, 3.0))

            Expect.isLessThan (abs value) 1e-12 "value"
            Expect.isLessThan (Array.max (Array.map abs gradient)) 1e-12 "gradient"

        testCase "ml-fastvit's soft distillation is our parts, its divergence divided by the classes"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use json = JsonDocument.Parse(File.ReadAllBytes(shared "goldens/loss_set1.json"))

            let case =
                json.RootElement.GetProperty("cases").EnumerateArray()
                |> Seq.find (fun c -> c.GetProperty("name").GetString() = "distillation-soft")

            let values (node: JsonElement) =
                [| for v in node.GetProperty("values").EnumerateArray() -> v.GetDouble() |]

            let expected = case.GetProperty("outputs").EnumerateArray() |> Seq.last |> values

            let gradient =
                case.GetProperty("gradients_of_total").EnumerateArray() |> Seq.head |> values

            let targets = SoftTargets.Average(teachers [ "teacher_logits" ], 1.0)
            let hard = torch.tensor labels

            let total, ours =
                differentiate (logits "logits") (fun z ->
                    Classification.CrossEntropy(z, hard) * 0.5.ToScalar()
                    + SoftTargets.Divergence(z, targets, 1.0) * (0.5 / 10.0).ToScalar())

            Expect.floatClose { absolute = 1e-6; relative = 0.0 } total expected[0] "total"
            Expect.isLessThan (apart ours gradient) 1e-7 "gradient"

        testCase "λ mixes: λ = 0 is the labels' loss, λ = 1 the teachers' times T²"
        <| fun () ->
            use scope = torch.NewDisposeScope()

            let z, t, hard =
                torch.tensor(logits "logits").view(8L, 10L), teachers [ "teacher_logits" ], torch.tensor labels

            let value lambda =
                Loss.SoftTargets(2.0, lambda).Of(z, hard, t).item<float>()

            Expect.equal (value 0.0) (Classification.CrossEntropy(z, hard).item<float>()) "labels"
            let soft = SoftTargets.Divergence(z, SoftTargets.Average(t, 2.0), 2.0).item<float>()
            Expect.floatClose Accuracy.high (value 1.0) (4.0 * soft) "teachers"
            Expect.floatClose Accuracy.high (value 0.3) (0.7 * value 0.0 + 0.3 * value 1.0) "between"
    ]

let private verb =
    [
        testCase "a copy learns; student and teacher stay bit by bit, mode of every part included"
        <| fun () ->
            use student = network 4 1L
            use teacher = network 6 2L
            teacher.eval ()
            let part = teacher.modules () |> Seq.last
            part.train ()
            let before = StateDict.Digest student, StateDict.Digest teacher
            let result = student.Distill(teacher, scenes, options (Loss.SoftTargets 2.0) 2 5L)
            use learned = result.Model
            Expect.equal (StateDict.Digest student, StateDict.Digest teacher) before "weights"
            Expect.isTrue (student.training && part.training && not teacher.training) "modes"
            Expect.isFalse learned.training "the student comes in evaluation mode"
            Expect.notEqual (StateDict.Digest learned) (fst before) "the copy learned"
            let evidence = result.Evidence
            let struct (_, test) = ImageBatches.Open(scenes, 5L, OpenedImages())
            Expect.equal evidence.After.Loss (Evaluator.Evaluate(learned, test).Loss) "measured after"
            Expect.equal evidence.Before.Loss (Evaluator.Evaluate(student, test).Loss) "measured before"
            Expect.equal (evidence.Steps, evidence.TrainLoss.Count, evidence.Teachers.Count) (4L, 2, 1) "counts"
            Expect.equal evidence.Teachers[0].Top1 (Evaluator.Evaluate(teacher, test).Top1) "the teacher's own"

            for line in
                [
                    "from 1 teacher (λ 0.75, T 2), 4 steps"
                    "of 24 test images"
                    "agreement on the test images"
                    "in 2 epochs"
                ] do
                Expect.stringContains (string result) line "evidence"

        testCase "agreement is the share of test images with one first guess, before and after"
        <| fun () ->
            torch.manual_seed 1L |> ignore
            use teacher = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(768L, 10L))
            use student = network 4 1L

            let result =
                student.Distill(teacher, scenes, options (Loss.SoftTargets(1.0, 1.0)) 8 2L)

            use learned = result.Model
            let struct (_, test) = ImageBatches.Open(scenes, 2L, OpenedImages())

            let guesses (m: TrainDoubles.Net) =
                [
                    for s in Evaluator.Evaluate(m, test, EvaluationOptions(Samples = 24)).Samples -> s.Predicted
                ]

            let share a b =
                float (List.map2 (=) a b |> List.filter id |> List.length) / 24.0

            let row = result.Evidence.Teachers[0]
            Expect.isGreaterThan (List.distinct (guesses teacher)).Length 2 "a teacher of several opinions"

            Expect.equal
                (row.Before, row.After)
                (share (guesses student) (guesses teacher), share (guesses learned) (guesses teacher))
                "shares"

            Expect.isLessThan result.Evidence.TrainLoss[7] result.Evidence.TrainLoss[0] "the student comes nearer"
            let self = learned.Distill(learned, scenes, options (Loss.SoftTargets()) 1 2L)
            Expect.equal self.Evidence.Teachers[0].Before 1.0 "with itself"

        testCase "λ = 0 is plain training; two equal teachers are one, bit by bit; a seed decides everything"
        <| fun () ->
            use teacher = network 6 2L

            let digest (teachers: TrainDoubles.Net list) by seed =
                let result = (spec 4).Distill(teachers, scenes, options by 2 seed)
                use model = result.Model
                StateDict.Digest model

            use plain = (spec 4).Build 5L
            let struct (train, test) = ImageBatches.Open(scenes, 5L, OpenedImages())
            Trainer.Train(plain, plan 2 5L, train, test).Dispose()
            Expect.equal (digest [ teacher ] (Loss.SoftTargets(lambda = 0.0)) 5L) (StateDict.Digest plain) "plain"
            let one = digest [ teacher ] (Loss.SoftTargets()) 5L
            Expect.notEqual one (StateDict.Digest plain) "a teacher matters"
            Expect.equal (digest [ teacher; teacher ] (Loss.SoftTargets()) 5L) one "two equal teachers"
            Expect.equal (digest [ teacher ] (Loss.SoftTargets()) 5L) one "the same seed"
            Expect.notEqual (digest [ teacher ] (Loss.SoftTargets()) 6L) one "another seed"

        testCase "mixup, smoothing, accumulation and an average of weights go with teachers"
        <| fun () ->
            use teacher = network 6 2L

            let plan =
                TrainPlan(Epochs = 3, Ema = 0.9, Mixup = 0.2, LabelSmoothing = 0.1, Accumulate = 2)

            let result = (spec 4).Distill(teacher, scenes, DistillOptions(Plan = plan))
            use raw = (spec 4).Build 0L
            let struct (train, test) = ImageBatches.Open(scenes, 0L, OpenedImages())
            use teachers = new LiveTeachers([ teacher ])
            let objective = Distillation(SoftTargets(), teachers)

            use training =
                Trainer.Train(raw, plan, train, test, TrainOptions(Objective = objective))

            Expect.notEqual (StateDict.Digest raw) (StateDict.Digest result.Model) "not the raw weights"
            training.Ema.Restore raw
            Expect.equal (StateDict.Digest raw) (StateDict.Digest result.Model) "the averaged ones"
            Expect.equal training.LiveTensorsLate training.LiveTensorsEarly "no tensor leaks"

        testCase "what does not fit is said all at once"
        <| fun () ->
            use five = MobileOne.Mini(5, 4).Build 0L
            use teacher = network 4 0L

            failsSaying
                [
                    "mobileone_mini cannot be distilled"
                    "temperature: expected above 0, found 0"
                    "lambda: expected 0 to 1, found 2"
                    "epochs: expected at least 1, found 0"
                    "teacher 2 mobileone_mini: expected logits [B, 10]"
                    "found [B, 5]; build it with 10 classes"
                ]
                (fun () ->
                    (spec 4).Distill([ teacher; five ], scenes, options (Loss.SoftTargets(0.0, 2.0)) 0 0L)
                    |> ignore)

            failsSaying [ "teachers: expected at least 1, found 0" ] (fun () -> (spec 4).Distill([], scenes) |> ignore)

            failsSaying [ "data.size"; "lambda" ] (fun () ->
                (spec 4).Distill(teacher, scenes.Sized 4, options (Loss.SoftTargets(1.0, -1.0)) 1 0L)
                |> ignore)
    ]

[<Tests>]
let tests = torchTests "distill" (laws @ verb)
