using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>What a recipe of images and captions needs before it trains: its sets, its test, its teachers and its reinforced data, each made once a run.</summary>
internal sealed record PairWork(PairRecipeDocument Document, SharedWork Shared, string Device, CancellationToken Cancellation)
{
    private CaptionData Data => Document.Data;

    /// <summary>The training images, kept in memory once read.</summary>
    public ICaptionedSet Images => Opened("images", Split.Train);

    /// <summary>What was left out of the training and the test images.</summary>
    public IReadOnlyList<SampleReport> Reports => [Images.Report(), Pairs.Report()];

    private ICaptionedSet Pairs => Opened("tests", Split.Test);

    /// <summary>Zero-shot and retrieval, on the test part.</summary>
    public PairTestSet OpenTest()
    {
        var retrieval = new CaptionBatches(
            Loader(Pairs) with
            {
                Augment = null,
                Shuffle = false,
                BatchSize = Math.Max(256, Data.BatchSize),
            }
        );
        if (Data.Source.OpenZeroShot() is not { } zeroShot)
            return new PairTestSet(retrieval, new PairTest { Pairs = retrieval }, null);
        var labelled = Shared.Get("labelled", CanonicalJson.Of(Data.Source), _ => new CachedImages(zeroShot.Images));
        var images = ImageLoader.ForEvaluation(labelled, Math.Max(256, Data.BatchSize), Data.Size, Data.Source.Normalization);
        var prompts = Data.Source.OpenTokenizer().Encode(zeroShot.Prompts, Document.Model.Context).DetachFromDisposeScope();
        var test = new PairTest
        {
            Prompts = prompts,
            Templates = zeroShot.Templates.Count,
            Pairs = retrieval,
        };
        return new PairTestSet(new ImageBatches(images with { ChannelsLast = true }), test, prompts);
    }

    /// <summary>Training batches and the loss.</summary>
    public (CaptionBatches Train, PairObjective Objective) OpenTraining(PairTestSet test)
    {
        var step = Document.Reinforce;
        var set = step is null ? Images : Reinforced(step);
        var loader = Loader(set) with
        {
            Augment = Data.Augment,
            Seed = Document.Train.Seed,
            Mix = Data.Mix,
            Views = step is null ? null : step.UseViews ?? step.Views,
            Synthetics = step?.UseCaptions,
            Teachers = step?.UseTeachers,
            DropLast = set.Count >= Data.BatchSize,
        };
        var train = new CaptionBatches(loader, test.Images.Classes);
        PairObjective objective = Document.Distill is { Lambda: > 0 } by
            ? new ContrastiveDistillation(by, loader.Widths, CanonicalJson.Hash(CanonicalJson.Of(step!.Stored)))
            {
                Part = Document.Part,
                Test = test.Test,
            }
            : new Contrastive { Part = Document.Part, Test = test.Test };
        return (train, objective);
    }

    private ICaptionedSet Opened(string kind, Split split) =>
        Shared.Get(kind, CanonicalJson.Of(Data.Source), _ => (ICaptionedSet)new CachedCaptions(Data.Source.Open(split)));

    private CaptionLoader Loader(ICaptionedSet set) =>
        new(set, Data.Source.OpenTokenizer(), Document.Model.Context, Data.BatchSize, Data.Size, Data.Source.Normalization)
        {
            ChannelsLast = true,
        };

    private ReinforcedPairs Reinforced(ReinforceStep step)
    {
        var identity = new JsonObject
        {
            ["source"] = CanonicalJson.Of(Data.Source),
            ["size"] = Data.Size,
            ["reinforce"] = CanonicalJson.Of(step.Stored),
        };
        return Shared.Get(
            "reinforced",
            identity,
            folder =>
            {
                var teachers = step.By.Select(Teacher).ToList();
                var captioner = step.Captioner is { } made ? Captioner(made) : null;
                Shared.Announce($"the reinforced set: {Images.Count} images, {step.Views} augmentations, {step.Synthetics} captions each");
                var options = new PairReinforceOptions
                {
                    Views = step.Views,
                    Augment = step.Augment,
                    Captions = step.Captions,
                    Seed = step.Seed,
                    Size = Data.Size,
                };
                return Images.Reinforce(teachers, captioner, folder, options, Cancellation);
            }
        );
    }

    public Captioner Captioner(CaptionerDocument recipe)
    {
        var network = Shared.Get(
            "captioner",
            CanonicalJson.Of(recipe),
            folder =>
            {
                var source = recipe.Data.Source;
                var loader = new CaptionLoader(
                    source.Open(Split.Train),
                    source.OpenTokenizer(),
                    recipe.Model.Context,
                    recipe.Data.BatchSize,
                    recipe.Data.Size,
                    recipe.Model.Normalization
                )
                {
                    Augment = recipe.Data.Augment,
                    Seed = recipe.Train.Seed,
                    DropLast = true,
                    ChannelsLast = true,
                };
                var network = recipe.Model.Build(recipe.Train.Seed);
                if (recipe.From is { } from)
                    network.StartFrom(Trained(from).Model.Image);
                network.to(Devices.Choose(Device));
                var options = new TrainOptions
                {
                    Folder = folder,
                    Resume = true,
                    Cancellation = Cancellation,
                    Objective = new Captioning(),
                    Observers = Shared.Announce($"the captioner {recipe.Model.Name}"),
                };
                using var result = Trainer.Train(network, recipe.Train, new CaptionBatches(loader), null, options);
                result.Ema?.Restore(network);
                network.eval();
                return network;
            }
        );
        return new Captioner(network, recipe.Data.Source.OpenTokenizer());
    }

    public PairTeacher Teacher(PairRecipeDocument recipe)
    {
        var (outcome, source) = (Trained(recipe), recipe.Data.Source);
        return new PairTeacher(outcome.Folded?.Model ?? outcome.Model, source.OpenTokenizer(), recipe.Model.Context, source.Normalization);
    }

    // Once for all arms; a resumed run goes on with its checkpoints.
    private PairOutcome Trained(PairRecipeDocument recipe) =>
        Shared.Get(
            "teacher",
            recipe.ToJson(),
            folder =>
                new TrainedPairRecipe(recipe).Run(
                    new TrainOptions
                    {
                        Folder = folder,
                        Resume = true,
                        Cancellation = Cancellation,
                        EvaluateEvery = recipe.Train.Epochs,
                        Observers = Shared.Announce($"the teacher {recipe.Model.Name}, seed {recipe.Train.Seed}"),
                    },
                    Device,
                    Shared
                )
        );
}

/// <summary>What a network of images and captions is measured on.</summary>
/// <param name="Images">Labelled images, or pairs where there are none.</param>
/// <param name="Test">The measure.</param>
/// <param name="Prompts">Owned.</param>
internal sealed record PairTestSet(IBatchSource Images, PairTest Test, Tensor? Prompts) : IDisposable
{
    public void Dispose() => Prompts?.Dispose();
}
