// FastViT: A Fast Hybrid Vision Transformer using Structural Reparameterization (ICCV 2023, arXiv 2303.14189).
//
//   ./recipes.sh run fastvit                           everything below at laptop scale; photographs where CIFAR-10 is there
//   ./recipes.sh run fastvit --set real=none           the embedded Scenes alone
//   dotnet fsi recipes/fastvit.fsx --scale smoke       the same, without the command
//
// Folding, costs and latency are those of the seven networks T8 to MA36. The training experiments use a five-block FastViT
// (`FastVit.Mini`), so that they fit a laptop; at paper scale they use S12 and the paper's recipe.
#if INTERACTIVE
#r "../bin/TorchSharp.dll"
#r "../bin/Recipes.dll"
#r "../bin/Recipes.FSharp.dll"
#r "../bin/Recipes.Cli.dll"
#endif

open Recipes
open Recipes.Data
open Recipes.FSharp
open Recipes.Layers
open Recipes.Models
open Recipes.Reports
open Recipes.Reproductions
open Recipes.Training

// What --set can change, with its values at smoke, laptop and paper scale.

let sets = [ "scenes"; "fashion-mnist"; "cifar10"; "folder" ]

let data = Setting.Choice("data", sets, "scenes", "scenes", "folder", "images of the training experiments")

let real = Setting.Choice("real", "none" :: sets, "none", "cifar10", "none", "real images that repeat the training experiments")

let folder = Setting.Text("folder", "", "", "imagenet", "path of an image folder, for data=folder")

let trainImages = Setting.Whole("train", 128, 4000, 1281167, "training images, at most")

let testImages = Setting.Whole("test", 64, 600, 50000, "test images, at most")

let size = Setting.Whole("size", 32, 32, 256, "pixels a side, a multiple of 16", least = 16)
let width = Setting.Whole("width", 8, 16, 64, "channels of the small network's first stage", least = 4)
let classCount = Setting.Whole("classes", 10, 10, 1000, "classes", least = 2)
let batch = Setting.Whole("batch", 64, 64, 1024, "images of a batch")
let epochs = Setting.Whole("epochs", 1, 6, 300, "passes over the training images")

let rate = Setting.Number("lr", 3e-3, 3e-3, 1e-3, "learning rate at the start of the cosine; short trainings use three times the paper's")

let decay = Setting.Number("decay", 0.05, 0.05, 0.05, "weight decay")
let average = Setting.Number("ema", 0.9, 0.99, 0.9995, "decay of the moving average of weights")
let rounds = Setting.Whole("rounds", 5, 9, 50, "timed passes of each network")
let timed = Setting.Whole("timed", 96, 256, 256, "pixels a side at which the variants are timed", least = 64)
let largest = Setting.Whole("largest", 384, 1024, 1024, "largest resolution of the token mixers' latency", least = 256)
let attentionTo = Setting.Whole("attention", 256, 512, 1024, "largest resolution of attention's latency")

// The paper's recipe (sec. 4.1) for a network and some images.

let source name (s: Settings) = Datasets.ByName(name, s.Get trainImages, s.Get testImages, s.Get folder)

let augment (s: Settings) =
    match s.Scale with
    | Scale.Paper -> Augment.None.RandomResizedCrop().Flip().RandAugment(2, 9.0, 0.5, RandAugmentPolicy.Increasing).Erase(0.25)
    | _ -> Augment.None.PadCrop(2).Flip()

let network (s: Settings) =
    match s.Scale with
    | Scale.Paper -> FastVit.S12(s.Get classCount)
    | _ -> FastVit.Mini(s.Get classCount, s.Get width)

let trained set (spec: ModelSpec) (s: Settings) number =
    recipe spec {
        data (images (source (s.Get set) s) (s.Get size * 1<px>) (augment s) (s.Get batch * 1<image>))
        optimize (Optim.AdamW(s.Get rate, weightDecay = s.Get decay)) (Schedule.Cosine(warmup = s.Pick(0.0, 1.0, 5.0)))
        label_smoothing 0.1
        ema_with_warmup (s.Get average)
        seed number
        train (s.Get epochs * 1<epoch>)
    }

// The arms: one choice of the network changed in each, and a transformer of equal arithmetic.

let choices: (string * (FastVitSpec -> FastVitSpec)) list =
    [
        "fastvit", id
        "one branch", _.Plain()
        "small kernels", _.WithKernels(3, 3)
        "pooling", _.WithMixer(TokenMixer.Pooling)
        "no mixer", _.WithMixer(TokenMixer.Identity)
        "attention", _.WithAttention(1)
    ]

let convolutional set change (corruptions: CorruptionKind seq) (s: Settings) number =
    (trained set (change (network s)) s number).Reparameterize(1e-4).Corrupt(Array.ofSeq corruptions) :> IRecipe

let peer (s: Settings) = PlainVit.Near(network s, s.Get size, s.Pick(s.Get size / 8, s.Get size / 8, 16))

let transformer set (s: Settings) number = (trained set (peer s) s number).Corrupt(Array.ofSeq Corruption.Kinds) :> IRecipe

let prefixes = [ ""; "real " ]

let armsOn set prefix skip =
    [
        for name, change in choices do
            let corruptions = if name = "fastvit" then Corruption.Kinds else [||]
            prefix + name, convolutional set change corruptions
        prefix + "vit", transformer set
    ]
    |> List.map (fun (name, build) -> Arm(name, (fun s number -> build s number), Optional = (prefix <> ""), Skip = (fun s -> skip s)))

let skipReal (s: Settings) =
    if s.Get real = "none" then "real=none"
    elif s.Get real = s.Get data then "the main experiment has these images already"
    else null

// What is measured without training.

let variants = [ FastVit.T8(); FastVit.T12(); FastVit.S12(); FastVit.SA12(); FastVit.SA24(); FastVit.SA36(); FastVit.MA36() ]

let folds =
    Measurement.Of("folds", fun (run: Results) -> FoldTable.Measure(Seq.cast variants, 256, run.Settings.Get rounds, run.Settings.Get timed))

let unexpanded =
    Measurement.Of("unexpanded", fun (_: Results) -> FoldTable.Parameters [| for v in variants -> v.WithoutExpansion() :> ModelSpec |])

let resolutions = [ 256; 384; 512; 768; 1024 ]
let sides (run: Results) = resolutions |> List.filter (fun r -> r <= run.Settings.Get largest)

let all = [ TokenMixer.RepMixer; TokenMixer.Pooling; TokenMixer.Convolution; TokenMixer.Attention; TokenMixer.Identity ]

/// S12 as a MetaFormer has it, without convolutions in the feed-forwards.
let metaFormer = FastVit.S12().WithKernels(1, 3)

let mixers =
    Measurement.Of(
        "mixers",
        fun (run: Results) -> MixerTable.Networks(metaFormer, all, sides run, run.Settings.Get rounds, run.Settings.Get attentionTo)
    )

let alone = Measurement.Of("alone", fun (run: Results) -> MixerTable.Alone(64, sides run, 5 * run.Settings.Get rounds))

/// The paper's table (parameters in M, FLOPs in G); the official code's parameters and MACs (M), train-time and folded.
let published =
    [
        PublishedCost("T8", 3.6, 0.7, 4_026_232L, 3_996_040L, 690.1, 685.2)
        PublishedCost("T12", 6.8, 1.4, 7_553_704L, 7_508_840L, 1397.7, 1390.9)
        PublishedCost("S12", 8.8, 1.8, 9_473_576L, 9_428_712L, 1800.4, 1793.6)
        PublishedCost("SA12", 10.9, 1.9, 11_580_968L, 11_545_320L, 1943.9, 1937.2)
        PublishedCost("SA24", 20.6, 3.8, 21_554_216L, 21_501_288L, 3770.0, 3762.1)
        PublishedCost("SA36", 30.4, 5.6, 31_527_464L, 31_457_256L, 5596.0, 5586.9)
        PublishedCost("MA36", 42.7, 7.9, 44_068_004L, 43_984_632L, 7825.7, 7814.9)
    ]

/// One claim for each variant, from our row.
let each id kind statement value unit measure bound =
    [
        for i, p in List.indexed published do
            let ours (run: Results) = measure (run.Get(folds).[i]: FoldRow)
            claimOf $"{id}/{p.Name.ToLowerInvariant()}" kind $"{p.Name}: {statement}" (paper "sec. 3.1" value) unit ours bound
    ]

/// By how many percent the first is slower than the second at a resolution, which the paper says is negative.
let latency id statement words rows (a: string) (b: string) side =
    let change (run: Results) = measured (MixerTable.Percent(run.Get(rows: Measurement<_>), a, b, side)) "this CPU, medians of passes in turn"
    claimOf id Ratio statement (paper <|| words) "%" change (atMost 0.0)

/// Trends, on the main images and again on real ones, from the arms over seeds.
let trend id statement words unit (measure: (string -> ArmResults) -> Measured) bound =
    [
        for prefix, on in List.zip prefixes [ ""; "On real images: " ] do
            let ours (run: Results) = measure (fun arm -> run.[prefix + arm])
            claimOf (prefix.Replace(' ', '/') + id) Trend (on + statement) (paper <|| words) unit ours bound
    ]

/// One arm's accuracy is not below another's, in points, seed by seed.
let gain id statement words slack a b = trend id statement words "points" (fun arm -> Spread.Difference((arm a).Top1, (arm b).Top1)) (atLeast -slack)

/// One arm's training loss is below another's, in percent of it.
let loss id statement words a b =
    let change (arm: string -> ArmResults) =
        let a, b = (arm a).TrainLoss, (arm b).TrainLoss
        measured (100.0 * (a.Mean / b.Mean - 1.0)) $"{a} against {b}"

    trend id statement words "%" change (atMost 0.0)

/// Errors on corrupted images are at most the transformer's, which are 100.
let errors id statement words (of': ArmResults * ArmResults -> Spread) =
    let ours (arm: string -> ArmResults) = of' (arm "fastvit", arm "vit") |> fun s -> measured s.Mean (string s)
    trend id statement words "%" ours (atMost 100.0)

let exact (r: FoldRow) = measured r.Evidence.RelativeDifference $"{r.Evidence.BlocksFolded} blocks, layer scales 0.5 to 1.5"
let speedup (r: FoldRow) = measured r.Speedup ""

let arithmetic (run: Results) =
    let macs (spec: ModelSpec) = float (ModelInfo.Of(spec, run.Settings.Get size).Train.Macs)
    let ours, theirs = macs (network run.Settings), macs (peer run.Settings)
    measured (100.0 * (theirs / ours - 1.0)) $"{theirs / 1e6:F2} against {ours / 1e6:F2} M"

let fastVit =
    reproduction Papers.FastVit {
        time "smoke 10 s, laptop 11 min on 2 cores"
        settings [ data; real; folder; trainImages; testImages; size; width; classCount ]
        settings [ batch; epochs; rate; decay; average; rounds; timed; largest; attentionTo ]

        arms (armsOn data "" (fun _ -> null))
        arms (armsOn real "real " skipReal)

        claims (each "fold/exact" Exact "folding leaves the outputs as they are." "equal" "relative" exact (atMost 1e-5))
        claims (each "fold/faster" Ratio "one image takes less time folded than train-time." "faster" "x" speedup (above 1.0))

        claim
            "fold/trained"
            Exact
            "Folding a trained network leaves its test accuracy as it is."
            (paper "sec. 3.1" "equal")
            "points"
            (fun run ->
                let gaps = Seq.map2 (fun a b -> abs (a - b)) run.["fastvit"].["folded_top1"].Values run.["fastvit"].Top1.Values
                measured (Seq.max gaps) "largest gap over seeds")
            (atMost 0.2)

        claims (CostClaims.Official(published, folds) |> List.ofSeq)
        claims (CostClaims.Paper(published, folds, unexpanded, "tab. 5") |> List.ofSeq)

        claims
            [
                latency "mixer/pooling/384" "RepMixer is faster than pooling at 384 px." ("fig. 3", "-25.1 %") mixers "RepMixer" "pooling" 384
                latency "mixer/pooling/1024" "RepMixer is faster than pooling at 1024 px." ("fig. 3", "-43.9 %") mixers "RepMixer" "pooling" 1024
                latency "mixer/attention" "RepMixer is faster than attention." ("sec. 3.1", "faster") mixers "RepMixer" "attention" 256
                latency "mixer/skip" "The skip folded in, a mixer is faster." ("sec. 3.1", "faster") alone "folded" "folded, skip kept" 256
                latency "mixer/branches" "Folded, a mixer is faster than train-time." ("sec. 3.1", "faster") alone "folded" "train-time" 256
            ]

        claims (gain "branches/accuracy" "Training with branches is no worse." ("tab. 3, SA12", "+0.6 points") 0.3 "fastvit" "one branch")
        claims (loss "branches/loss" "Training with branches reaches a lower loss." ("sec. 3.2", "lower") "fastvit" "one branch")
        claims (gain "kernels/accuracy" "Kernels of 7 are no worse than of 3." ("tab. 1, S12", "+0.9 points") 0.0 "fastvit" "small kernels")
        claims (gain "mixer/accuracy/pooling" "RepMixer is no worse than pooling." ("tab. 1, S12", "+0.9 points") 0.0 "fastvit" "pooling")
        claims (gain "mixer/accuracy/none" "RepMixer is no worse than no mixer." ("sec. 3.1", "better") 0.0 "fastvit" "no mixer")
        claims (gain "attention/accuracy" "Attention in the last stage is no worse." ("tab. 4, V5", "+0.8 points") 0.0 "attention" "fastvit")

        claim
            "robust/macs"
            Exact
            "The transformer that robustness is compared with has the same arithmetic."
            (paper "" "")
            "%"
            arithmetic
            (within 0.0 5.0)

        claims (errors "robust/mce" "Fewer errors on corrupted images than a transformer's (mCE)." ("tab. 6, SA36", "51.8 mCE") CorruptionErrors.Mean)
        claims (errors "robust/relative" "Errors grow less by corruptions (relative mCE)." ("sec. 4.2", "more robust") CorruptionErrors.Relative)

        section "Before and after folding" "All variants with random weights, layer scales and batch statistics." (fun run ->
            FoldFigures.Of(run.Get folds, run.Settings.Get timed) |> List.ofSeq)

        section "Costs" "The paper's table, the released code, and this library." (fun run ->
            [ FastVitFigures.Costs(published, run.Get folds, run.Get unexpanded) ])

        section "Token mixers by resolution" "S12 without convolutions in its feed-forwards, folded; only the mixer changes." (fun run ->
            FastVitFigures.Mixers(run.Get mixers) |> List.ofSeq)

        section "Branches and skips" "One mixer of the first stage alone, by resolution of the image." (fun run ->
            FastVitFigures.Mixers(run.Get alone, "Latency of one mixer") |> List.ofSeq)

        section "What each choice is worth" "Each arm changes one thing of the first." (fun run ->
            prefixes |> List.collect (fun prefix -> FastVitFigures.Choices(run, [| for name, _ in choices -> prefix + name |]) |> List.ofSeq))

        section "Robustness" "Noise, blur, contrast and JPEG at five strengths, against a transformer of equal arithmetic." (fun run ->
            prefixes |> List.collect (fun prefix -> RobustnessFigures.Of(run, prefix + "fastvit", prefix + "vit") |> List.ofSeq))
    }

#if INTERACTIVE
exit (Recipes.Cli.Script.run fastVit fsi.CommandLineArgs)
#endif
