module Recipes.Tests.ScheduleTests

open System.Text.Json
open Expecto
open Recipes.Training
open Recipes.Tests.Support

let private close expected actual what =
    Expect.floatClose Accuracy.veryHigh actual expected what

/// The factor at a step of ten epochs of a hundred steps.
let private at (schedule: Schedule) step = schedule.At(step, 1000L, 100L)

[<Tests>]
let tests =
    testList
        "schedule"
        [
            testCase "the paper's annealing: learning rate 0.1 to 0, weight decay 1e-4 to 1e-5, by one cosine"
            <| fun () ->
                let plan = TrainPlan.MobileOne

                let lr step =
                    plan.Optimizer.LearningRate * at plan.LearningRate step

                let wd step =
                    plan.Optimizer.WeightDecay * at plan.WeightDecay step

                close 0.1 (lr 0L) "lr at 0"
                close 0.05 (lr 500L) "lr at T/2"
                close 0.0 (lr 1000L) "lr at T"
                close 1e-4 (wd 0L) "wd at 0"
                close 5.5e-5 (wd 500L) "wd at T/2: the mean of both ends"
                close 1e-5 (wd 1000L) "wd at T"
                close (1e-5 + 0.5 * 9e-5 * (1.0 + cos (System.Math.PI / 4.0))) (wd 250L) "wd at T/4, the rule itself"

            testCase "warm-up rises linearly, its first step moves, and the schedule begins where it ends"
            <| fun () ->
                let schedule = Schedule.Cosine(warmup = 2.0)
                close (1.0 / 200.0) (at schedule 0L) "first step"
                close 0.5 (at schedule 99L) "half way"
                close 1.0 (at schedule 199L) "full"
                close 1.0 (at schedule 200L) "the cosine begins"
                close 0.5 (at schedule 600L) "half of the rest"
                close 0.0 (at schedule 1000L) "end"

            testCase "step, poly, one-cycle and constant"
            <| fun () ->
                let steps = Schedule.Step([| 3.0; 6.0 |], 0.1)
                Expect.equal (List.map (at steps) [ 299L; 300L; 599L; 600L ]) [ 1.0; 0.1; 0.1; 0.1 ** 2.0 ] "milestones"
                let delayed = Schedule.Step([| 3.0 |], 0.1, 1.0)
                Expect.equal (List.map (at delayed) [ 299L; 300L ]) [ 1.0; 0.1 ] "milestones count from the start"
                let poly = Schedule.Poly(power = 2.0, ``end`` = 0.1)
                close (0.1 + 0.9 * 0.25) (at poly 500L) "poly"
                close 0.1 (at poly 1000L) "poly's end"
                let cycle = Schedule.OneCycle(peak = 0.25, start = 0.04, ``end`` = 0.001)
                close 0.04 (at cycle 0L) "one-cycle's start"
                close 0.52 (at cycle 125L) "half way up"
                close 1.0 (at cycle 250L) "peak"
                close 0.001 (at cycle 1000L) "one-cycle's end"
                close 1.0 (at (Schedule.Constant()) 777L) "constant"
                close 0.0 (at (Schedule.Cosine(epochs = 5.0)) 700L) "a shorter cosine stays at its end"

            testCase "a plan reports everything that is wrong at once"
            <| fun () ->
                let plan =
                    TrainPlan(
                        Epochs = 5,
                        Optimizer = Optim.Sgd(-1.0, momentum = 1.0),
                        LearningRate = Schedule.Cosine(warmup = 6.0, ``end`` = 2.0),
                        LabelSmoothing = 1.5,
                        Ema = 1.0,
                        Accumulate = 0,
                        Progressive = [| ResolutionPhase(0.1, 32); ResolutionPhase(0.1, 0, 2.0) |]
                    )

                failsSaying
                    [
                        "optimizer.learningRate: expected above 0, found -1"
                        "optimizer.momentum"
                        "learningRate.warmup: 6 epochs of warm-up do not fit into 5"
                        "learningRate.end"
                        "labelSmoothing"
                        "ema"
                        "accumulate"
                        "progressive[0].from"
                        "progressive[1].from"
                        "progressive[1].size"
                        "progressive[1].strength"
                    ]
                    plan.Check

                Expect.isEmpty (TrainPlan.MobileOne.Problems()) "the paper's plan is fine"

            testCase "a plan comes back from its JSON"
            <| fun () ->
                let plan =
                    TrainPlan(
                        Epochs = 7,
                        Optimizer = Optim.AdamW 1e-3,
                        LearningRate = Schedule.OneCycle(),
                        WeightDecay = Schedule.Step [| 1.0; 2.0 |],
                        Progressive = ResolutionPhase.MobileOne 64
                    )

                let json = JsonSerializer.Serialize(plan, RunIdentity.Options)
                Expect.stringContains json "\"kind\":\"adamw\"" "discriminators"
                let again = JsonSerializer.Deserialize<TrainPlan>(json, RunIdentity.Options)
                Expect.equal (JsonSerializer.Serialize(again, RunIdentity.Options)) json "round trip"

            testCase
                "the progressive curriculum of the working reproduction: 160, 192, 224 px from epochs 0, 37, 112 of 300"
            <| fun () ->
                let phases = ResolutionPhase.MobileOne()

                let at epoch =
                    (ResolutionPhase.At(phases, epoch, 300) |> fun p -> p.Size, p.Strength)

                Expect.equal
                    (List.map at [ 0; 36; 37; 111; 112; 299 ])
                    [ 160, 0.3; 160, 0.3; 192, 0.7; 192, 0.7; 224, 1.0; 224, 1.0 ]
                    "sizes and strengths"
        ]
