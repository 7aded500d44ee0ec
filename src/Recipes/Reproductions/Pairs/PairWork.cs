using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>What a recipe of images and captions needs before it trains: its sets, its test, its teachers and its reinforced data, each made once a run.</summary>
internal sealed class PairWork(PairRecipeDocument document, SharedWork shared, string device, CancellationToken cancellation)
{
    private readonly CaptionData _data = document.Data;
    private readonly Lazy<ClipTokenizer> _tokenizer = new(document.Data.Source.OpenTokenizer);

    /// <summary>The training images, kept in memory once read.</summary>
    public ICaptionedSet Images =>
        shared.Get("images", CanonicalJson.Of(_data.Source), _ => (ICaptionedSet)new CachedCaptions(_data.Source.Open(Split.Train)));

    /// <summary>Zero-shot and retrieval, on the test part.</summary>
    public PairTestSet OpenTest()
    {
        var pairs = shared.Get(
            "tests",
            CanonicalJson.Of(_data.Source),
            _ => (ICaptionedSet)new CachedCaptions(_data.Source.Open(Split.Test))
        );
        var retrieval = new CaptionBatches(
            Loader(pairs) with
            {
                Augment = null,
                Shuffle = false,
                BatchSize = Math.Max(256, _data.BatchSize),
            }
        );
        if (_data.Source.OpenZeroShot() is not { } zeroShot)
            return new PairTestSet(retrieval, new PairTest { Pairs = retrieval }, null);
        var labelled = shared.Get("labelled", CanonicalJson.Of(_data.Source), _ => new CachedImages(zeroShot.Images));
        var images = ImageLoader.ForEvaluation(labelled, Math.Max(256, _data.BatchSize), _data.Size, _data.Source.Normalization);
        var prompts = _tokenizer.Value.Encode(zeroShot.Prompts, document.Model.Context).DetachFromDisposeScope();
        var test = new PairTest
        {
            Prompts = prompts,
            Templates = zeroShot.Templates.Count,
            Pairs = retrieval,
        };
        return new PairTestSet(new ImageBatches(images with { ChannelsLast = true }), test, prompts);
    }

    /// <summary>Training batches and the loss.</summary>
    public (IBatchSource Train, PairObjective Objective) OpenTraining(PairTestSet test)
    {
        var step = document.Reinforce;
        var set = step is null ? Images : Reinforced(step);
        var loader = Loader(set) with
        {
            Augment = _data.Augment,
            Seed = document.Train.Seed,
            Mix = _data.Mix,
            Views = step is null ? null : step.UseViews ?? step.Views,
            Synthetics = step?.UseCaptions,
            DropLast = set.Count >= _data.BatchSize,
        };
        var train = new CaptionBatches(loader, test.Images.Classes);
        PairObjective objective = document.Distill is { Lambda: > 0 } by
            ? new ContrastiveDistillation(by, loader.Widths, CanonicalJson.Hash(CanonicalJson.Of(step!.Stored)))
            {
                Part = document.Part,
                Test = test.Test,
            }
            : new Contrastive { Part = document.Part, Test = test.Test };
        return (train, objective);
    }

    private CaptionLoader Loader(ICaptionedSet set) =>
        new(set, _tokenizer.Value, document.Model.Context, _data.BatchSize, _data.Size, _data.Source.Normalization) { ChannelsLast = true };

    private ReinforcedPairs Reinforced(ReinforceStep step)
    {
        var identity = new JsonObject
        {
            ["source"] = CanonicalJson.Of(_data.Source),
            ["size"] = _data.Size,
            ["reinforce"] = CanonicalJson.Of(step.Stored),
        };
        return shared.Get(
            "reinforced",
            identity,
            folder =>
            {
                var teachers = step.By.Select(Teacher).ToList();
                var options = new PairReinforceOptions
                {
                    Views = step.Views,
                    Augment = step.Augment,
                    Captions = step.Captions,
                    Seed = step.Seed,
                    Size = _data.Size,
                };
                return Images.Reinforce(teachers, step.Captioner is { } captioner ? Captioner(captioner) : null, options, cancellation);
            }
        );
    }

    private Captioner Captioner(CaptionerDocument recipe)
    {
        var network = shared.Get(
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
                    Normalization.None
                )
                {
                    Augment = recipe.Data.Augment,
                    Seed = recipe.Train.Seed,
                    DropLast = true,
                    ChannelsLast = true,
                };
                var network = recipe.Model.Build(recipe.Train.Seed);
                network.to(Devices.Choose(device));
                var options = new TrainOptions
                {
                    Folder = folder,
                    Resume = true,
                    Cancellation = cancellation,
                    Objective = new Captioning(),
                };
                using var result = Trainer.Train(network, recipe.Train, new CaptionBatches(loader), null, options);
                result.Ema?.Restore(network);
                network.eval();
                return network;
            }
        );
        return new Captioner(network, recipe.Data.Source.OpenTokenizer());
    }

    // Trained once for all arms; a resumed run goes on with its checkpoints.
    private PairTeacher Teacher(PairRecipeDocument recipe)
    {
        var outcome = shared.Get(
            "teacher",
            recipe.ToJson(),
            folder =>
                new TrainedPairRecipe(recipe).Run(
                    new TrainOptions
                    {
                        Folder = folder,
                        Resume = true,
                        Cancellation = cancellation,
                        EvaluateEvery = recipe.Train.Epochs,
                    },
                    device,
                    shared
                )
        );
        var source = recipe.Data.Source;
        return new PairTeacher(outcome.Folded?.Model ?? outcome.Model, source.OpenTokenizer(), recipe.Model.Context, source.Normalization);
    }
}

/// <summary>What a network of images and captions is measured on.</summary>
/// <param name="Images">Labelled images, or pairs where there are none.</param>
/// <param name="Test">The measure.</param>
/// <param name="Prompts">Owned.</param>
internal sealed record PairTestSet(IBatchSource Images, PairTest Test, Tensor? Prompts) : IDisposable
{
    public void Dispose() => Prompts?.Dispose();
}
