// MobileOne: An Improved One millisecond Mobile Backbone (CVPR 2023, arXiv 2206.04040).
//
//   ./recipes.sh run mobileone                          everything below at laptop scale, on the embedded Scenes
//   ./recipes.sh run mobileone --set data=cifar10       the training experiments on real photographs
//   dotnet fsi recipes/mobileone.fsx --scale smoke      the same, without the command
//
// The claims that need no training hold for the true S0 to S4. The training experiments use a six-unit MobileOne of the
// same blocks (`MobileOne.Mini`), so that they fit a laptop; at paper scale they use S0 and the paper's recipe.
#if INTERACTIVE
#r "../bin/TorchSharp.dll"
#r "../bin/Recipes.dll"
#r "../bin/Recipes.FSharp.dll"
#r "../bin/Recipes.Cli.dll"
#endif

open Recipes
open Recipes.Data
open Recipes.FSharp
open Recipes.Models
open Recipes.Reports
open Recipes.Reproductions
open Recipes.Training

// What --set can change, with its values at smoke, laptop and paper scale.

let sets = [ "scenes"; "fashion-mnist"; "cifar10"; "folder" ]

let data = Setting.Choice("data", sets, "scenes", "scenes", "folder", "images of the training experiments")

let real = Setting.Choice("real", "none" :: sets, "none", "cifar10", "none", "real images that repeat the experiment on branches")

let folder = Setting.Text("folder", "", "", "imagenet", "path of an image folder, for data=folder")

let trainImages = Setting.Whole("train", 256, 6000, 1281167, "training images, at most")

let testImages = Setting.Whole("test", 256, 600, 50000, "test images, at most")
let size = Setting.Whole("size", 32, 32, 224, "pixels a side", least = 16)

let width = Setting.Whole("width", 8, 16, 64, "channels of the small network's stem", least = 4)

let classCount = Setting.Whole("classes", 10, 10, 1000, "classes", least = 2)
let batch = Setting.Whole("batch", 64, 64, 256, "images of a batch")
let epochs = Setting.Whole("epochs", 1, 6, 300, "passes over the training images")

let rate = Setting.Number("lr", 0.05, 0.05, 0.1, "learning rate at the start of the cosine")

let decay = Setting.Number("decay", 1e-3, 1e-3, 1e-4, "weight decay at the start; short trainings use ten times the paper's")

let average = Setting.Number("ema", 0.9, 0.99, 0.9995, "decay of the moving average of weights")

let rounds = Setting.Whole("rounds", 7, 25, 50, "timed passes of each network")

// The paper's recipe (sec. 4.1) for a network, some images and a schedule of the weight decay.

let source name (s: Settings) = Datasets.ByName(name, s.Get trainImages, s.Get testImages, s.Get folder)

let augment (s: Settings) =
    match s.Scale with
    | Scale.Paper -> Augment.None.RandomResizedCrop().Flip()
    | _ -> Augment.None.PadCrop(2).Flip()

let network (s: Settings) =
    match s.Scale with
    | Scale.Paper -> MobileOne.S0(s.Get classCount)
    | _ -> MobileOne.Mini(s.Get classCount, s.Get width)

let constant = Schedule.Constant() :> Schedule
let annealed = Schedule.Cosine(``end`` = 0.1) :> Schedule

let trained set variant weightDecay (s: Settings) number =
    recipe (variant (network s)) {
        data (images (source (s.Get set) s) (s.Get size * 1<px>) (augment s) (s.Get batch * 1<image>))
        optimize (Optim.Sgd(s.Get rate, weightDecay = s.Get decay)) (Schedule.Cosine(warmup = s.Pick(0.0, 1.0, 0.0)))
        anneal_weight_decay weightDecay
        label_smoothing 0.1
        ema_with_warmup (s.Get average)
        seed number
        train (s.Get epochs * 1<epoch>)
        reparameterize 1e-4
    }
    :> IRecipe

// Variants of the network, and the arms that repeat them on real images.

let plain (spec: MobileOneSpec) = spec.Plain()
let k n (spec: MobileOneSpec) = spec.WithBranches n

let onReal name variant =
    let skip (s: Settings) =
        if s.Get real = "none" then "real=none"
        elif s.Get real = s.Get data then "the main experiment has these images already"
        else null

    Arm($"real {name}", (fun s number -> trained real variant annealed s number), Optional = true, Skip = skip)

// What is measured without training: every variant, both forms side by side.

let variants = [ MobileOne.S0(); MobileOne.S1(); MobileOne.S2(); MobileOne.S3(); MobileOne.S4() ]

let folds = Measurement.Of("folds", fun (run: Results) -> FoldTable.Measure(Seq.cast variants, 224, run.Settings.Get rounds))

/// The paper's table 9 (parameters and FLOPs in millions, top-1, phone latency in ms), and the official code's exact
/// train-time parameters and multiply-accumulates.
let published =
    [
        {| Name = "S0"; Parameters = 2.1; Macs = 275.0; Top1 = 71.4; Phone = 0.79; Trained = 5_293_272.0, 1_051_935_232.0 |}
        {| Name = "S1"; Parameters = 4.8; Macs = 825.0; Top1 = 75.9; Phone = 0.89; Trained = 4_825_192.0, 830_062_080.0 |}
        {| Name = "S2"; Parameters = 7.8; Macs = 1299.0; Top1 = 77.4; Phone = 1.18; Trained = 7_884_648.0, 1_304_027_392.0 |}
        {| Name = "S3"; Parameters = 10.1; Macs = 1896.0; Top1 = 78.1; Phone = 1.53; Trained = 10_170_600.0, 1_902_112_768.0 |}
        {| Name = "S4"; Parameters = 14.8; Macs = 2978.0; Top1 = 79.4; Phone = 1.86; Trained = 14_951_248.0, 2_986_802_432.0 |}
    ]

/// One claim for each variant, from the published row and our measured one.
let each id kind statement words unit measure bound =
    [
        for i, row in List.indexed published ->
            let id = $"{id}/{row.Name.ToLowerInvariant()}"

            claimOf id kind $"{row.Name}: {statement}" (words row) unit (fun run -> measure (run.Get(folds).[i])) (bound row)
    ]

/// How many times less of a cost is left after folding.
let less (cost: Profile -> int64) (r: FoldRow) = float (cost r.Evidence.Before) / float (cost r.Evidence.After)

/// Rank correlation of latency with a cost, over both forms of all variants.
let rank (cost: Profile -> int64) (run: Results) =
    let rows = run.Get folds

    let both f g = [| yield! Seq.map f rows; yield! Seq.map g rows |]

    let latency = both _.Train.Median _.Folded.Median

    Statistics.Spearman(latency, both (fun r -> float (cost r.Evidence.Before)) (fun r -> float (cost r.Evidence.After)))

/// A trend: one arm's accuracy is above another's, in points, seed by seed.
let gain id statement words (a: string) (b: string) =
    claimOf id Trend statement (paper <|| words) "points" (fun run -> Spread.Difference(run.[a].Top1, run.[b].Top1)) (above 0.0)

/// A trend: one arm's training loss is below another's, in percent of it.
let loss id statement words (a: string) (b: string) =
    let change (run: Results) =
        let a, b = run.[a].TrainLoss, run.[b].TrainLoss
        measured (100.0 * (a.Mean / b.Mean - 1.0)) $"{a} against {b}"

    claimOf id Trend statement (paper <|| words) "%" change (atMost 0.0)

let mobileOne =
    reproduction Papers.MobileOne {
        time "smoke 15 s, laptop 5 min on 2 cores"
        settings [ data; real; folder; trainImages; testImages; size; width; classCount ]
        settings [ batch; epochs; rate; decay; average; rounds ]

        arm "none" (trained data plain annealed)
        arm "k=1" (trained data (k 1) annealed)
        arm "k=4" (trained data (k 4) annealed)
        arm "k=4 constant decay" (trained data (k 4) constant)
        arms [ onReal "none" plain; onReal "k=1" (k 1); onReal "k=4" (k 4) ]

        claims (
            each
                "fold/exact"
                Exact
                "folding every block into one convolution leaves the outputs as they are."
                (fun _ -> paper "sec. 3.2" "equal")
                "relative"
                (fun r -> measured r.Evidence.RelativeDifference $"{r.Evidence.BlocksFolded} blocks, random batch statistics")
                (fun _ -> atMost 1e-5)
        )

        claim
            "fold/trained"
            Exact
            "Folding a trained network leaves its test accuracy as it is."
            (paper "sec. 3.2" "equal")
            "points"
            (fun run ->
                let gaps = Seq.map2 (fun a b -> abs (a - b)) run.["k=4"].["folded_top1"].Values run.["k=4"].Top1.Values

                measured (Seq.max gaps) "largest gap over seeds")
            (atMost 0.1)

        claims (
            each
                "parameters/folded"
                Exact
                "the paper's number of parameters, folded."
                (fun p -> paper "tab. 9" $"{p.Parameters:F1} M")
                "M"
                (fun r -> measured (float r.Evidence.After.Parameters / 1e6) "")
                (fun p -> within p.Parameters 0.05)
        )

        claims (
            each
                "macs/folded"
                Exact
                "the paper's number of multiply-accumulates at 224 px, folded."
                (fun p -> paper "tab. 9" $"{p.Macs:F0} M")
                "M"
                (fun r -> measured (float r.Evidence.After.Macs / 1e6) "")
                (fun p -> within p.Macs 1.5)
        )

        claims (
            each
                "parameters/train"
                Exact
                "the official code's number of parameters, train-time."
                (fun p -> paper "official code" $"{fst p.Trained:N0}")
                ""
                (fun r -> measured (float r.Evidence.Before.Parameters) "")
                (fun p -> exactly (fst p.Trained))
        )

        claims (
            each
                "macs/train"
                Exact
                "the official code's number of multiply-accumulates, train-time."
                (fun p -> paper "official code" $"{snd p.Trained:N0}")
                ""
                (fun r -> measured (float r.Evidence.Before.Macs) "")
                (fun p -> exactly (snd p.Trained))
        )

        claims (
            each
                "fold/faster"
                Ratio
                "one image of 224 px takes less time folded than train-time."
                (fun _ -> paper "sec. 3.2" "faster")
                "x"
                (fun r -> measured r.Speedup $"folding leaves 1/{less _.Macs r:F2} of the arithmetic, 1/{less _.Activations r:F1} of the writes")
                (fun _ -> above 1.0)
        )

        claim
            "latency/macs"
            Ratio
            "Multiply-accumulates do not order networks by latency (rank correlation over both forms of all variants)."
            (paper "tab. 1" "moderate")
            "ρ"
            (fun run -> measured (rank _.Macs run) "this CPU, one family; the paper: a phone, several families")
            (atMost 0.99)

        claim
            "latency/parameters"
            Ratio
            "Parameters do not order networks by latency (rank correlation over both forms of all variants)."
            (paper "tab. 1" "weak")
            "ρ"
            (fun run -> measured (rank _.Parameters run) "the same; within one family both costs rank the forms alike")
            (atMost 0.99)

        claims
            [
                gain "branches/accuracy" "More branches (k=4) are better than k=1." ("tab. 6, S0", "+0.5 points") "k=4" "k=1"
                gain "branches/none" "Branches (k=1, scale, skip) are better than none." ("tab. 5, S1", "+1.3 points") "k=1" "none"
                loss "branches/loss" "Branches (k=4) train to a lower loss than none." ("fig. 4, S0", "about -4.4 %") "k=4" "none"
                gain "branches/real/accuracy" "On real images, k=4 is better than k=1." ("tab. 6, S0", "+0.5 points") "real k=4" "real k=1"
                loss
                    "branches/real/loss"
                    "On real images, k=4 trains to a lower loss than none."
                    ("fig. 4, S0", "about -4.4 %")
                    "real k=4"
                    "real none"
                gain "decay/accuracy" "Annealing the weight decay is better." ("tab. 8, S2", "+0.5 points") "k=4" "k=4 constant decay"
                loss "decay/loss" "Annealing the weight decay trains to a lower loss." ("sec. 3.3", "lower") "k=4" "k=4 constant decay"
            ]

        section
            "Before and after folding"
            "Every variant with random weights and batch statistics, one image of 224 px. For S0 folding removes three quarters of the arithmetic. For the others it removes almost none, but most of what is written to memory: their gain is memory traffic and the number of operations."
            (fun run -> MobileOneFigures.Folding(run.Get folds) |> List.ofSeq)

        section
            "What predicts latency"
            "Both forms of all variants on this CPU, and the paper's accuracies against our latencies and the paper's phone."
            (fun run ->
                let phone = [| for p in published -> struct (p.Name, p.Top1, p.Phone) |]
                MobileOneFigures.Latency(run.Get folds, phone) |> List.ofSeq)
    }

#if INTERACTIVE
exit (Recipes.Cli.Script.run mobileOne fsi.CommandLineArgs)
#endif
