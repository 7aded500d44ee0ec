// CLIP with Quality Captions: A Strong Pretraining for Vision Tasks (arXiv 2405.08911).
//
//   ./recipes.sh run clip-quality-captions                        everything below at laptop scale, on the embedded Scenes
//   dotnet fsi recipes/clip-quality-captions.fsx --scale smoke    the same, without the command
//
// Only the paper's abstract could be read. Its claims are the paper's; what captions are compared, heads, losses and settings are our reconstruction: an encoder
// learns from the same pictures with captions of several qualities (or by labels, by hidden patches, not at all), and is then fine-tuned for dense tasks.
#if INTERACTIVE
#r "../bin/TorchSharp.dll"
#r "../bin/Recipes.dll"
#r "../bin/Recipes.FSharp.dll"
#r "../bin/Recipes.Cli.dll"
#else
module ClipQualityCaptions
#endif

open Recipes
open Recipes.Data
open Recipes.Display
open Recipes.FSharp
open Recipes.Models
open Recipes.Reports
open Recipes.Reproductions
open Recipes.Training

// What --set can change, with its values at smoke, laptop and paper scale.

let trainImages = Setting.Whole("train", 192, 4096, 12800000, "pictures of each pretraining")
let testImages = Setting.Whole("test", 64, 500, 50000, "test pictures of each pretraining")
let size = Setting.Whole("size", 32, 32, 224, "pixels a side, a multiple of 16", least = 16)
let width = Setting.Whole("width", 8, 16, 80, "channels of MCi's first stage", least = 4)
let epochs = Setting.Whole("epochs", 1, 8, 30, "passes of a pretraining")
let maskedEpochs = Setting.Whole("masked_epochs", 1, 8, 30, "passes of a masked autoencoder, which sees a quarter of each picture")
let rate = Setting.Number("lr", 2e-3, 1.2e-2, 1e-3, "learning rate of MCi's pretraining")
let vitRate = Setting.Number("vit_lr", 1e-3, 1e-3, 1e-3, "learning rate of the ViT's pretraining")
let named = Setting.Whole("named", 24, 400, 14000000, "pictures of the supervised pretraining, for labels are dearer than captions")
let taught = Setting.Whole("taught", 192, 16384, 12800000, "pictures that the captioner learns from")
let teaching = Setting.Whole("teaching", 1, 6, 30, "passes of the captioner's encoder before it")
let masks = Setting.Whole("masks", 48, 2000, 20210, "pictures with masks and depths")
let measured' = Setting.Whole("measured", 32, 300, 2000, "test pictures with masks and depths")
let steps = Setting.Whole("steps", 2, 150, 160000, "steps of fine-tuning, 16 pictures each")
let tuning = Setting.Number("tuning_lr", 1e-3, 1e-3, 1e-4, "learning rate of fine-tuning")

let known: Setting list =
    [ trainImages; testImages; size; width; epochs; maskedEpochs; rate; vitRate; named; taught; teaching; masks; measured'; steps; tuning ]

// Encoders, and what they learn first.

let mci (s: Settings) = Mci.Mini(s.Get width, 128)

let vit (s: Settings) : ModelSpec =
    PlainVitSpec(Name = "vit_mini", ImageSize = s.Get size, Patch = 4, Width = 64, Layers = 4, Heads = 2, Classes = 128)

let encoder name (s: Settings) : ModelSpec = if name = "vit" then vit s else mci s

let text = (MobileClip.Mini(context = 18)).Text

let cosine share (epochs: int) = Schedule.Cosine(warmup = share * float epochs)

let pairs world kind images mix (s: Settings) =
    let scenes = SceneCaptionsSource(images, s.Get testImages, world, Captions = kind, Side = s.Get size * 3 / 2)
    CaptionData(scenes, Size = s.Get size, BatchSize = 64, Augment = StoredAugmentationPolicy.Mild, Mix = mix)

/// CLIP on captions of one kind; the text tower learns slowly, or it soon forgets the names of shapes.
let clip name kind mix (step: ReinforceStep option) (s: Settings) number =
    let image, lr = encoder name s, s.Get(if name = "vit" then vitRate else rate)
    let towers = TwoTowers.Of($"clip_{image.Name}", image, text)
    let start = Recipe.For(towers).On(pairs 0L kind (s.Get trainImages) mix s)
    let whole = step |> Option.fold (fun (r: PairTrainingRecipe) -> r.Reinforce) start
    let optimizer = Optim.AdamW(lr, weightDecay = 0.1).WithRate("text", 0.01)
    whole.Optimize(optimizer, cosine 0.25 (s.Get epochs)).Clip(1.0).Seeded(number).Train(s.Get epochs)

/// Captions that a network makes of the alt-text's pictures; it begins with the tower of a CLIP on good captions of other scenes.
let captioner (s: Settings) =
    let good = pairs 3L SceneCaption.Short (s.Get taught) CaptionMix.Real s
    let towers = TwoTowers.Of("clip_captioner", Mci.Mini(s.Get width * 3 / 2, 128), text)
    let optimizer = Optim.AdamW(8e-3, weightDecay = 0.1).WithRate("text", 0.03)

    let start = Recipe.For(towers).On(good).Optimize(optimizer, cosine 0.1 (s.Get teaching)).Clip(1.0).Seeded(3L).Train(s.Get teaching)
    CaptionerDocument.Mini(start.Document, towers.Image, good)

let reinforced (s: Settings) = ReinforceStep(Captioner = captioner s, Augment = StoredAugmentationPolicy.Mild, Views = 2, Captions = 2)

/// The shapes of main objects; few pictures have them, and come the more often.
let supervised (image: ModelSpec) lr (s: Settings) number =
    let passes = s.Get epochs * s.Get trainImages / s.Get named
    let scenes = Datasets.Scenes(s.Get named, s.Get testImages, 0L).Sized(s.Get size).Batched(min 64 (s.Get named))
    let recipe = Recipe.For(image.WithClasses 10).On(scenes.Augmented(Augment.None.RandomResizedCrop 0.7))
    recipe.Optimize(Optim.AdamW(lr, weightDecay = 0.1), cosine 0.25 passes).Clip(1.0).Seeded(number).Train passes

let masked (s: Settings) number =
    masked_recipe (MaeSpec.Mini(vit s :?> PlainVitSpec)) {
        data (Datasets.Scenes(s.Get trainImages, s.Get testImages, 0L).Sized(s.Get size).Batched 64)
        optimize (Optim.AdamW(2e-3, weightDecay = 0.05)) (cosine 0.1 (s.Get maskedEpochs))
        clip 1.0
        seed number
        train (s.Get maskedEpochs * 1<epoch>)
    }

let captions =
    [
        "shuffled", SceneCaption.Shuffled
        "alt-text", SceneCaption.AltText
        "names", SceneCaption.Names
        "short", SceneCaption.Short
        "detailed", SceneCaption.Detailed
    ]

let pretraining name kind (s: Settings) number =
    match kind with
    | "nothing" -> Pretraining.None(encoder name s, number)
    | "labels" -> Pretraining.By(supervised (encoder name s) (s.Get(if name = "vit" then vitRate else rate)) s number)
    | "labels, twice as wide" -> Pretraining.By(supervised (Mci.Mini(2 * s.Get width, 128)) (s.Get rate / 2.0) s number)
    | "masks" -> Pretraining.By(masked s number)
    | "reinforced" -> Pretraining.By(clip name SceneCaption.AltText CaptionMix.Both (Some(reinforced s)) s number)
    | quality -> Pretraining.By(clip name (snd (List.find (fun (n, _) -> n = quality) captions)) CaptionMix.Real None s number)

// Fine-tuning: the same for all.

let segment, depth, boxes = DenseTask.Segmentation, DenseTask.Depth, DenseTask.Boxes

let tuned (data: DenseData) (head: DenseHeadSpec) rate (from: Pretraining) (s: Settings) number =
    let start = Recipe.For(from).On(data.Batched(16, 16 * s.Get steps).Augmented DenseAugment.Usual).Head(head).Depths(16.0)
    start.Optimize(Optim.AdamW(rate * s.Get tuning, weightDecay = 0.05), Schedule.Cosine(warmup = 0.1)).Clip(1.0).Seeded(number)

let onScenes task share (s: Settings) =
    let scenes = DenseDatasets.Scenes(s.Get masks, s.Get measured', 5L).Labelled share
    scenes.For(task).Sized(s.Get size)

let task name (from: Pretraining) (s: Settings) number =
    let run data head = (tuned data head 1.0 from s number).Train 1

    match name with
    | "probe" -> (tuned (onScenes segment 1.0 s) (LinearDenseSpec()) 3.0 from s number).Frozen().Train 1
    | "depth" -> run (onScenes depth 0.1 s) (DptSpec.Mini())
    | "boxes" -> run (onScenes boxes 1.0 s) (BoxHeadSpec.Mini())
    | "camvid" -> run (DenseDatasets.CamVid().For(segment).Sized(48, 64)) (UPerNetSpec.Mini())
    | "rgbd" -> run (DenseDatasets.Rgbd().For(depth).Sized(48, 64)) (DptSpec.Mini())
    | "segment 1 %" -> run (onScenes segment 0.01 s) (UPerNetSpec.Mini())
    | "segment 100 %" -> run (onScenes segment 1.0 s) (UPerNetSpec.Mini())
    | _ -> run (onScenes segment 0.1 s) (UPerNetSpec.Mini())

let isReal name = name = "camvid" || name = "rgbd"

let armFor (work, name, kind) =
    let skip (s: Settings) = if isReal work && s.Scale = Scale.Smoke then "scale: real pictures at laptop scale" else null

    Arm(
        $"{work}, {name}, {kind}",
        (fun s number -> task work (pretraining name kind s number) s number :> IExperiment),
        Optional = isReal work,
        Skip = skip
    )

let qualities = List.map fst captions

let work =
    [
        for kind in [ "nothing"; "labels" ] @ qualities @ [ "reinforced" ] do
            for work in [ "segment"; "probe"; "depth" ] do
                work, "mci", kind
        for kind in [ "nothing"; "masks"; "labels"; "short" ] do
            for work in [ "segment"; "probe"; "depth" ] do
                work, "vit", kind
        for kind in [ "nothing"; "alt-text"; "short" ] do
            for work in [ "segment 1 %"; "segment 100 %"; "boxes"; "camvid"; "rgbd" ] do
                work, "mci", kind
        "segment", "mci", "labels, twice as wide"
    ]

// What is measured without training.

let costs =
    Measurement.Of(
        "costs",
        fun (_: Results) -> DenseCost.Measure([| Mci.Mci0(); Mci.Mci1(); Mci.Mci2(); MobileClip.B.Image |], UPerNetSpec(), 150, 512)
    )

/// Two arms of one task: which is to be better, in percent of mIoU or AP, or in metres of RMSE.
let trends =
    [
        "quality/names", "segment", "mci, names", "mci, alt-text", "Segmentation: names of what is there teach more than alt-text.", 1
        "quality/short", "segment", "mci, short", "mci, alt-text", "Segmentation: good captions teach more than alt-text.", 1
        "quality/detailed", "segment", "mci, detailed", "mci, alt-text", "Segmentation: and so do detailed ones.", 1
        "quality/reinforced", "segment", "mci, reinforced", "mci, alt-text", "Segmentation: synthetic captions beside alt-text help.", 1
        "quality/alt-text", "segment", "mci, alt-text", "mci, nothing", "Segmentation: alt-text is better than nothing.", 1
        "quality/shuffled", "segment", "mci, alt-text", "mci, shuffled", "Segmentation: captions of other pictures teach less.", 1
        "probe/names", "probe", "mci, names", "mci, alt-text", "Frozen encoder: names against alt-text.", 1
        "probe/short", "probe", "mci, short", "mci, alt-text", "Frozen encoder: good captions against alt-text.", 1
        "probe/reinforced", "probe", "mci, reinforced", "mci, alt-text", "Frozen encoder: synthetic captions beside alt-text.", 1
        "probe/alt-text", "probe", "mci, alt-text", "mci, nothing", "Frozen encoder: alt-text against nothing.", 1
        "depth/short", "depth", "mci, short", "mci, alt-text", "Depth: good captions teach more than alt-text.", 3
        "depth/detailed", "depth", "mci, detailed", "mci, alt-text", "Depth: and so do detailed ones.", 3
        "depth/alt-text", "depth", "mci, alt-text", "mci, nothing", "Depth: alt-text is better than nothing.", 3
        "masked/segment", "segment", "vit, short", "vit, masks", "Segmentation: a ViT on good captions against a masked autoencoder.", 2
        "masked/probe", "probe", "vit, short", "vit, masks", "The same, frozen.", 2
        "masked/depth", "depth", "vit, short", "vit, masks", "Depth: a ViT on good captions against a masked autoencoder.", 3
        "labels", "segment", "mci, short", "mci, labels", "Good captions of all pictures are worth labels of a tenth of them.", 6
        "mobile", "segment", "mci, short", "mci, labels, twice as wide", "And those of an encoder of four times the size.", 4
        "boxes", "boxes", "mci, short", "mci, alt-text", "Boxes: good captions against alt-text.", 1
        "camvid", "camvid", "mci, short", "mci, alt-text", "Road scenes: good captions against alt-text.", 1
        "rgbd", "rgbd", "mci, short", "mci, alt-text", "A room's depth: good captions against alt-text.", 3
    ]

/// The paper's claims in the order of the abstract.
let words = [ ""; "higher mIoU"; "12.1 % higher mIoU"; "11.5 % lower RMSE"; "as Swin-L, 6.1 times smaller"; "10 times"; "better" ]

let measureOf work =
    match work with
    | "depth"
    | "rgbd" -> "rmse"
    | "boxes" -> "ap50"
    | _ -> "miou"

let trend (id, work, a, b, statement, claim) =
    let measure = measureOf work

    let gain (run: Results) =
        let first, second = run.[$"{work}, {a}"].[measure], run.[$"{work}, {b}"].[measure]
        if measure = "rmse" then Spread.Difference(second, first) else Spread.Difference(first, second)

    claimOf id Trend statement (paper $"claim {claim}" words.[claim]) (if measure = "rmse" then "m" else "points") gain (atLeast 0.0)

let bars work label (run: Results) =
    let arm encoder kind = $"{work}, {encoder}, {kind}"
    let kinds = [| "nothing"; "masks"; "labels"; yield! qualities; "reinforced" |]
    DenseFigures.Bars(run, label, measureOf work, label, kinds, [| for e in [ "mci"; "vit" ] -> struct (e, System.Func<_, _>(arm e)) |])

let curves (run: Results) =
    let arm kind share = if share = 10.0 then $"segment, mci, {kind}" else $"segment %.0f{share} %%, mci, {kind}"
    let kinds = [| for kind in [ "nothing"; "alt-text"; "short" ] -> struct (kind, System.Func<_, _>(arm kind)) |]
    DenseFigures.Shares(run, "Fewer masks", "miou", "mIoU (%)", [| 1.0; 10.0; 100.0 |], kinds)

let table measure unit (run: Results) =
    let arms =
        [|
            for w, e, k in work do
                if measureOf w = measure then
                    $"{w}, {e}, {k}"
        |]

    DenseFigures.Arms(run, arms, measure, Column.Number(measure, unit, "0.00"))

let qualityCaptions =
    reproduction Papers.ClipQualityCaptions {
        time "smoke 30 s, laptop 22 min on 2 cores"
        settings known
        seeds (Setting.Whole("seeds", 1, 2, 3, "seeds per arm; two, for there are many arms"))
        arms (List.map armFor work)
        claims (DenseCost.Claims costs |> List.ofSeq)
        claims (List.map trend trends)

        claim
            "labels/tenth"
            Trend
            "With a tenth of the masks, good captions are where alt-text is with all."
            (paper "claim 5" words.[5])
            "points"
            (fun run -> Spread.Difference(run.["segment, mci, short"].["miou"], run.["segment 100 %, mci, alt-text"].["miou"]))
            (atLeast -1.0)

        section "Costs" "Encoders of the zoo with UPerNet of 512 channels, 150 classes, 512 pixels, folded." (fun run ->
            [ DenseFigures.Costs(run.Get costs) ])

        section "Captions" "The same scenes, described in five ways." (fun _ ->
            MobileClipFigures.Captions [| for i in 0L .. 5L -> Scene.At(0L, i) |] |> List.ofSeq)

        section "Quality" "Each encoder learns from the same pictures; only their captions differ." (fun run ->
            [
                yield! bars "segment" "segmentation with a tenth of the masks, mIoU (%)" run
                yield! bars "probe" "segmentation over a frozen encoder, mIoU (%)" run
                yield! bars "depth" "depth with a tenth of the pictures, RMSE (m)" run
            ])

        section "Fewer masks" "The same training on 1 %, 10 % and all of the masks." (fun run -> curves run |> List.ofSeq)

        section "Every arm" "Segmentation, depth, boxes." (fun run ->
            [ yield! table "miou" "%" run; yield! table "rmse" "m" run; yield! table "ap50" "%" run ])
    }

#if INTERACTIVE
exit (Recipes.Cli.Script.run qualityCaptions fsi.CommandLineArgs)
#endif
