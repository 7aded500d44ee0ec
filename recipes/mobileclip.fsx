// MobileCLIP: Fast Image-Text Models through Multi-Modal Reinforced Training (CVPR 2024, arXiv 2311.17049).
//
//   ./recipes.sh run mobileclip                        everything below at laptop scale, on the embedded Scenes
//   dotnet fsi recipes/mobileclip.fsx --scale smoke    the same, without the command
//
// Costs, keys, folding and losses are those of S0 to B. The training experiments use a small network of the same blocks
// (`MobileClip.Mini`) on Scenes with alt-text as bad as the web's; its teachers and its captioner are trained in the run, on other scenes.
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
open Recipes.Verbs

// What --set can change, with its values at smoke, laptop and paper scale.

let trainImages = Setting.Whole("train", 192, 4096, 12800000, "captioned training images")
let testImages = Setting.Whole("test", 64, 500, 50000, "test images")
let size = Setting.Whole("size", 32, 32, 256, "pixels a side, a multiple of 16", least = 16)
let width = Setting.Whole("width", 8, 16, 64, "channels of the students' first stage", least = 4)
let embedding = Setting.Whole("embedding", 64, 128, 512, "width of the joint embedding, a multiple of 64", least = 64)

let batch =
    Setting.Whole("batch", 32, 64, 8192, "pairs of a batch; short trainings learn more from more steps than from more negatives", least = 2)

let epochs = Setting.Whole("epochs", 1, 4, 30, "passes over the training images")
let rate = Setting.Number("lr", 2e-3, 1.2e-2, 1e-3, "learning rate of a student's image tower at the start of the cosine")

let textRate =
    Setting.Number("text_lr", 1.0, 0.01, 1.0, "factor on the learning rate of a student's text tower; at 1 it soon forgets the names of shapes")

let taught = Setting.Whole("taught", 192, 16384, 12800000, "captioned images that each teacher and the captioner learn from")
let teaching = Setting.Whole("teaching", 1, 6, 30, "passes of a teacher over its images")
let captioning = Setting.Whole("captioning", 1, 2, 30, "passes of the captioner over its images")
let views = Setting.Whole("views", 2, 5, 30, "stored augmentations of each image")
let captions = Setting.Whole("captions", 2, 5, 5, "synthetic captions of each image")
let scale = Setting.Number("scale", 10.0, 10.0, 100.0, "multiplier of the teachers' products")
let drawings = Setting.Whole("drawings", 1, 16, 16, "passes over real pictures: emoji of one style, to be found in another")
let rounds = Setting.Whole("rounds", 3, 7, 20, "timed passes")

let known: Setting list =
    [
        trainImages
        testImages
        size
        width
        embedding
        batch
        epochs
        rate
        textRate
        taught
        teaching
        captioning
        views
        captions
        scale
        drawings
        rounds
    ]

// The pieces: images and captions, teachers, the captioner, and what is stored.

/// Scenes of a world of its own, so that no teacher has seen a student's images.
let pairs world kind images mix (s: Settings) =
    let scenes = SceneCaptionsSource(images, s.Get testImages, world, Captions = kind, Side = s.Get size * 3 / 2)
    CaptionData(scenes, Size = s.Get size, BatchSize = s.Get batch, Augment = StoredAugmentationPolicy.Mild, Mix = mix)

let teaching' world (s: Settings) = pairs world SceneCaption.Short (s.Get taught) CaptionMix.Real s

let network halves (s: Settings) = MobileClip.Mini(halves * s.Get width / 2, s.Get embedding, context = 16)

let optimizer rate textRate = Optim.AdamW(rate, weightDecay = 0.1).WithRate("text_encoder", textRate)

/// The first tenth or quarter of the training warms up.
let schedule share (epochs: int) = Schedule.Cosine(warmup = share * float epochs)

let teacher number (s: Settings) =
    (pair_recipe (network 3 s) {
        data (teaching' number s)
        optimize (optimizer 8e-3 0.03) (schedule 0.1 (s.Get teaching))
        clip 1.0
        seed number
        train (s.Get teaching * 1<epoch>)
    })
        .Document

/// It begins with the first teacher's image tower, or it would learn colours and few shapes.
let captioner (s: Settings) = CaptionerDocument.Mini(teacher 1L s, (network 3 s).Image, teaching' 3L s, s.Get captioning)

let stored augment (s: Settings) =
    ReinforceStep(By = [| teacher 1L s; teacher 2L s |], Captioner = captioner s, Augment = augment, Views = s.Get views, Captions = s.Get captions)

// The arms: the paper's chain, then one thing of its last step changed in each.

let trained mix (step: ReinforceStep option) (by: ContrastiveTargets option) (s: Settings) number =
    let start = Recipe.For(network 2 s).On(pairs 0L SceneCaption.AltText (s.Get trainImages) mix s)
    let reinforced = step |> Option.fold (fun (r: PairTrainingRecipe) step -> r.Reinforce step) start
    let distilled = by |> Option.fold (fun (r: PairTrainingRecipe) by -> r.Distill by) reinforced

    let optimized = distilled.Optimize(optimizer (s.Get rate) (s.Get textRate), schedule 0.25 (s.Get epochs))
    optimized.Clip(1.0).Seeded(number).Train(s.Get epochs).Reparameterize() :> IExperiment

let targets (s: Settings) = ContrastiveTargets(TeacherScales = [| s.Get scale |])

let reinforced mix augment (change: ReinforceStep -> ReinforceStep) (loss: Settings -> ContrastiveTargets) (s: Settings) number =
    trained mix (Some(change (stored augment s))) (Some(loss s)) s number

let lambda value (s: Settings) = ContrastiveTargets(Lambda = value, TeacherScales = [| s.Get scale |])
let atScale value (_: Settings) = ContrastiveTargets(TeacherScales = [| value |])

let mild, strong = StoredAugmentationPolicy.Mild, StoredAugmentationPolicy.Strong

let chain =
    [
        "plain", trained CaptionMix.Real None None
        "captions", (fun s number -> trained CaptionMix.Both (Some(stored mild s)) None s number)
        "distill", reinforced CaptionMix.Both mild (_.With(teachers = 1)) targets
        "strong", reinforced CaptionMix.Both strong (_.With(teachers = 1)) targets
        "ensemble", reinforced CaptionMix.Both mild id targets
        "all", reinforced CaptionMix.Both strong id targets
    ]

let changed =
    [
        "real captions", reinforced CaptionMix.Real mild id targets
        "synthetic captions", reinforced CaptionMix.Synthetic mild id targets
        "either caption", reinforced CaptionMix.Either mild id targets
        "lambda 0", reinforced CaptionMix.Both mild id (lambda 0.0)
        "lambda 0.75", reinforced CaptionMix.Both mild id (lambda 0.75)
        "1 view", reinforced CaptionMix.Both mild (_.With(views = 1)) targets
        "2 views", reinforced CaptionMix.Both mild (_.With(views = 2)) targets
        "1 caption", reinforced CaptionMix.Both mild (_.With(captions = 1)) targets
        "scale 5", reinforced CaptionMix.Both mild id (atScale 5.0)
        "scale 50", reinforced CaptionMix.Both mild id (atScale 50.0)
    ]

/// Real pictures in WebDataset tars: 884 emoji of one style with their names, to be found among those of another style.
let onReal name augment (step: Settings -> ReinforceStep option) =
    let build (s: Settings) number =
        let tars = Datasets.Shards("emoji/emoji-noto-000000.tar").WithTest("emoji/emoji-emojitwo-000000.tar").SkipBad()
        let network = MobileClip.Mini(s.Get width, s.Get embedding, vocabulary = ClipTokenizer.Known, context = 16)
        let start = Recipe.For(network).On(CaptionData(tars, Size = s.Get size, BatchSize = 64, Augment = augment))
        let whole = step s |> Option.fold (fun (r: PairTrainingRecipe) -> r.Reinforce) start
        let optimized = whole.Optimize(optimizer 4e-3 0.1, schedule 0.1 (s.Get drawings))
        optimized.Clip(1.0).Seeded(number).Train(s.Get drawings) :> IExperiment

    let skip (s: Settings) = if s.Scale = Scale.Smoke then "scale: real pictures at laptop scale" else null
    Arm(name, build, Optional = true, Skip = skip)

let real =
    [
        onReal "emoji, as they are" null (fun _ -> None)
        onReal "emoji, crops" mild (fun _ -> None)
        onReal "emoji, stored crops" mild (fun s -> Some(ReinforceStep(Augment = mild, Views = s.Get views)))
    ]

let armsOf list = [ for name, build in list -> Arm(name, (fun (s: Settings) (number: int64) -> build s number)) ]

// What is measured without training.

let published =
    [|
        PublishedPair("S0", 11406464L, 11356992L, 42441216L, 42435072L, 53847681L, 53792065L, 2.393, 2.385, 1.318, 893, 389)
        PublishedPair("S1", 21541120L, 21460544L, 63428096L, 63428096L, 84969217L, 84888641L, 4.668, 4.658, 2.980, 1585, 733)
        PublishedPair("S2", 35814720L, 35702480L, 63428096L, 63428096L, 99242817L, 99130577L, 7.846, 7.834, 2.980, 1721, 785)
        PublishedPair("B", 86348544L, 86348544L, 63428096L, 63428096L, 149776641L, 149776641L, 17.708, 17.708, 2.980, 313, 313)
    |]

let costs =
    Measurement.Of(
        "costs",
        fun (run: Results) -> PairCost.Measure([| MobileClip.S0; MobileClip.S1; MobileClip.S2; MobileClip.B |], run.Settings.Get rounds)
    )

let laws = Measurement.Of("laws", fun (_: Results) -> LossLaws.Measure())

let sizes views = Measurement.Of($"size of {views} views", fun (_: Results) -> StoredSize.Measure(views, 5, [| 768; 768 |]))

/// Steps do not get faster by training, so teachers and captioner are trained for a moment only.
let timed =
    Measurement.Of(
        "steps",
        fun (run: Results) ->
            let s = run.Settings
            let sizes = [ for setting in [ size; width; embedding; batch ] -> $"{setting.Name}={s.Get setting}" ]

            let quick =
                Settings.Create(
                    known,
                    s.Scale,
                    s.Seed,
                    $"train={4 * s.Get batch}" :: $"taught={4 * s.Get batch}" :: "teaching=1" :: "captioning=1" :: "epochs=1" :: sizes
                )

            let recipe = reinforced CaptionMix.Both mild id targets quick 0L :?> IPairRecipe
            use shared = new SharedWork()
            PairEpochs.Measure(recipe.Document, shared, 4, s.Get rounds)
    )

/// Two arms: by how many points the first is to be better at least, in zero-shot accuracy or in recall at 5 of pictures by captions.
let trends =
    [
        "chain/captions", "top1", "captions", "plain", -1.0, "Synthetic captions help.", "tab. 2", "44.5 to 51.9"
        "chain/distill", "top1", "distill", "captions", -1.0, "Distillation helps.", "tab. 2", "51.9 to 54.5"
        "chain/strong", "top1", "strong", "distill", -1.0, "Strong augmentation helps.", "tab. 2", "54.5 to 59.3"
        "chain/ensemble", "top1", "ensemble", "distill", -1.0, "An ensemble of teachers helps.", "tab. 2", "59.3 to 61.7"
        "chain/together", "top1", "ensemble", "plain", 5.0, "Without strong augmentation: at least 5 points.", "tab. 2", "44.5 to 61.7"
        "chain/all", "top1", "all", "plain", 5.0, "All of it together: at least 5 points.", "tab. 2", "44.5 to 61.7"
        "mix/real", "top1", "ensemble", "real captions", 0.0, "Both kinds of captions beat real ones alone.", "tab. 2", "61.7, 56.4"
        "mix/synthetic", "top1", "ensemble", "synthetic captions", 0.0, "And synthetic ones alone.", "tab. 2", "61.7, 49.8"
        "mix/either", "top1", "ensemble", "either caption", 0.0, "And one of the two by chance.", "tab. 2", "61.7, 57.3"
        "mix/retrieval", "t2i_recall5", "synthetic captions", "ensemble", -3.0, "Synthetic captions alone retrieve as well.", "tab. 2", "72.0, 72.2"
        "lambda/one", "top1", "ensemble", "lambda 0.75", -1.0, "Lambda 1 classifies no worse than 0.75.", "tab. 2", "61.7, 60.7 at 0.7"
        "lambda/distil", "top1", "ensemble", "lambda 0", 0.0, "And better than without distillation.", "tab. 2", "better"
        "views/two", "top1", "2 views", "1 view", 0.0, "Two stored augmentations are better than one.", "fig. 4", "better"
        "views/five", "top1", "2 views", "ensemble", -3.0, "Five are within 3 points of two.", "fig. 4", "saturates at 5"
        "captions/five", "top1", "1 caption", "ensemble", -3.0, "One caption is within 3 points of five.", "fig. 4", "saturates at 2"
        "scale/low", "top1", "ensemble", "scale 5", 0.0, "The teachers' scale has an optimum: 5 is worse.", "MobileCLIP2, tab. 4", "50 to 90"
        "scale/high", "top1", "ensemble", "scale 50", 0.0, "And so is 50.", "MobileCLIP2, tab. 4", "50 to 90, their own 100"
        "real/crops", "t2i_recall5", "emoji, crops", "emoji, as they are", 0.0, "Real pictures: augmentation helps.", "fig. 4", "better"
        "real/stored", "t2i_recall5", "emoji, stored crops", "emoji, crops", -3.0, "And stored ones do as fresh ones.", "fig. 4", "saturates at 5"
    ]

let trend (id, number, a, b, least, statement, where, words) =
    let gain (run: Results) = Spread.Difference(run.[a].[number], run.[b].[number])
    claimOf id Trend statement (paper where words) "points" gain (atLeast least)

/// How many times fewer samples the reinforced arm has seen when it is as good as the plain one in the end; the first epoch that is counts.
let efficiency (run: Results) =
    let goal = run.["plain"].Top1.Mean
    let curve = run.["ensemble"].Runs |> Seq.map _.Curve |> List.ofSeq
    let mean epoch = curve |> List.averageBy (fun c -> c.[epoch].Top1)
    let all = curve.Head.Count

    match List.tryFind (fun e -> mean e >= goal) [ 0 .. all - 1 ] with
    | Some epoch ->
        measured (float all / float (epoch + 1)) $"plain ends at {goal:F1} %%, reinforced has {mean epoch:F1} %% after {epoch + 1} of {all} epochs"
    | None -> notAttempted $"the reinforced arm never reaches {goal:F1} %%"

let mobileClip =
    reproduction Papers.MobileClip {
        time "smoke 35 s, laptop 23 min on 2 cores"
        settings known

        arms (armsOf (chain @ changed) @ real)

        claims (PublishedPair.Claims(published, costs) |> List.ofSeq)
        claims (LossLaws.Claims laws |> List.ofSeq)
        claims (PairEpochs.Claims timed |> List.ofSeq)
        claims (StoredSize.Claims(sizes 30, sizes 10) |> List.ofSeq)

        claim
            "fold/trained"
            Exact
            "Folding a trained student leaves its accuracy as it is."
            (paper "official code" "equal")
            "points"
            (fun run ->
                let gaps = Seq.map2 (fun a b -> abs (a - b)) run.["ensemble"].["folded_top1"].Values run.["ensemble"].Top1.Values
                measured (Seq.max gaps) "largest gap over seeds")
            (atMost 0.2)

        claims (List.map trend trends)
        claims [ claimOf "efficiency" Trend "Reinforced training needs fewer samples." (paper "fig. 1" "10 to 1000 x") "x" efficiency (atLeast 2.0) ]

        section "Costs" "S0 to B with random weights, layer scales and batch statistics." (fun run ->
            [ MobileClipFigures.Costs(published, run.Get costs) ])

        section "What a step costs" "One training step, five ways in turn." (fun run -> [ MobileClipFigures.Steps(run.Get timed) ])

        section "The chain" "Captions, then distillation; to that strong augmentation, two teachers, or both." (fun run ->
            MobileClipFigures.Arms(run, [| for name, _ in chain -> name |]) |> List.ofSeq)

        section "Learning efficiency" "How fast each arm gets there." (fun run ->
            MobileClipFigures.Learning(run, run.Settings.Get trainImages, [| "plain"; "captions"; "distill"; "ensemble" |]) |> List.ofSeq)

        section "One thing changed" "Each arm changes one thing of the first." (fun run ->
            MobileClipFigures.Arms(run, Array.append [| "ensemble" |] [| for name, _ in changed -> name |]) |> List.ofSeq)

        section "Real pictures" "Emoji of one style with their names, to be found among those of another." (fun run ->
            let caption = "Each of 884 names looks for its picture, and each picture for its name, of which top-1 is the first."
            MobileClipFigures.Arms(run, [| for arm in real -> arm.Name |], caption) |> List.ofSeq)
    }

#if INTERACTIVE
exit (Recipes.Cli.Script.run mobileClip fsi.CommandLineArgs)
#endif
