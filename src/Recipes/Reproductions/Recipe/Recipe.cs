using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;

namespace Recipes.Reproductions;

/// <summary>
/// Where a recipe begins. Each step returns a value of the next phase, so a wrong order does not compile: a model gets data,
/// then options, is trained, then folded.
/// </summary>
public static class Recipe
{
    /// <summary>A recipe for this network.</summary>
    public static ModelRecipe For(ModelSpec model) => new(model);

    /// <summary>A recipe for this network of images and captions.</summary>
    public static PairModelRecipe For(ImageTextSpec model) => new(model);

    /// <summary>A recipe for this masked autoencoder.</summary>
    public static MaskedModelRecipe For(MaeSpec model) => new(model);

    /// <summary>A recipe of dense prediction for an encoder that learns this first.</summary>
    public static DenseModelRecipe For(Pretraining pretraining) => new(pretraining);
}

/// <summary>A network without data yet.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ModelRecipe(ModelSpec Model) : IDisplay
{
    /// <summary>The network.</summary>
    public string ToHtml() => Model.ToHtml();

    /// <summary>The network as text.</summary>
    public override string ToString() => Model.ToString();

    /// <summary>Trains and measures on these images.</summary>
    public TrainingRecipe On(ImageData data) => new(Model, data, new TrainPlan { Epochs = 1 });

    /// <summary>Trains and measures on this source, as it is.</summary>
    public TrainingRecipe On(ImageSource source) => On(new ImageData(source));
}

/// <summary>A network with data; how it trains can still change.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record TrainingRecipe(ModelSpec Model, ImageData Data, TrainPlan Plan) : PlannedRecipe<TrainingRecipe>(Plan), IDisplay
{
    /// <summary>The recipe so far as a table.</summary>
    public string ToHtml() => Document(Plan).ToHtml();

    /// <summary>The recipe so far as a table of text.</summary>
    public override string ToString() => Document(Plan).ToString();

    /// <summary>The teachers, if any.</summary>
    public DistillStep? Distilling { get; init; }

    /// <summary>Learns from a teacher too: a recipe that runs first.</summary>
    /// <param name="from">The teacher.</param>
    /// <param name="by">The loss; soft targets with T = 4 and λ = 0.75 unless given.</param>
    public TrainingRecipe Distill(IRecipe from, SoftTargets? by = null) => Distill([from], by);

    /// <summary>Learns from several teachers too, from the average of what they say.</summary>
    /// <param name="from">The teachers, each a recipe that runs first.</param>
    /// <param name="by">The loss; soft targets with T = 4 and λ = 0.75 unless given.</param>
    public TrainingRecipe Distill(IReadOnlyList<IRecipe> from, SoftTargets? by = null) =>
        this with
        {
            Distilling = new DistillStep { From = [.. from.Select(f => f.Document)], By = by ?? new SoftTargets() },
        };

    /// <summary>Learns from a teacher by several losses, such as <c>Loss.SoftTargets(2) + Loss.Feature("stage3", "stage3")</c>.</summary>
    /// <param name="from">The teacher.</param>
    /// <param name="by">The losses.</param>
    public TrainingRecipe Distill(IRecipe from, DistillTargets by) => Distill([from], by);

    /// <summary>Learns from several teachers by several losses.</summary>
    /// <param name="from">The teachers, each a recipe that runs first.</param>
    /// <param name="by">The losses.</param>
    public TrainingRecipe Distill(IReadOnlyList<IRecipe> from, DistillTargets by) =>
        this with
        {
            Distilling = new DistillStep
            {
                From = [.. from.Select(f => f.Document)],
                By = by.Soft,
                Features = by.Features.Count > 0 ? by.Features : null,
            },
        };

    /// <summary>The factor on the weight decay over training (MobileOne, sec. 3.3).</summary>
    public TrainingRecipe AnnealWeightDecay(Schedule schedule) => With(Plan with { WeightDecay = schedule });

    /// <summary>ε of the target (1 − ε)·onehot + ε/C.</summary>
    public TrainingRecipe LabelSmoothing(double epsilon) => With(Plan with { LabelSmoothing = epsilon });

    /// <summary>Mixup with Beta(α, α).</summary>
    public TrainingRecipe Mixup(double alpha) => With(Plan with { Mixup = alpha });

    /// <summary>Cutmix with Beta(α, α).</summary>
    public TrainingRecipe CutMix(double alpha) => With(Plan with { CutMix = alpha });

    /// <summary>Batches that make one optimizer step.</summary>
    public TrainingRecipe Accumulate(int batches) => With(Plan with { Accumulate = batches });

    /// <summary>Progressive resolution and augmentation strength.</summary>
    public TrainingRecipe Progressive(params IReadOnlyList<ResolutionPhase> phases) => With(Plan with { Progressive = phases });

    /// <summary>Trains for this many passes over the data.</summary>
    /// <exception cref="RecipesException">Something in the recipe cannot run; all problems together.</exception>
    public TrainedRecipe Train(int epochs)
    {
        var document = Document(Plan with { Epochs = epochs });
        RecipesException.ThrowIfAny("this recipe cannot run:", document.Problems());
        return new TrainedRecipe(document);
    }

    private RecipeDocument Document(TrainPlan plan) =>
        new()
        {
            Model = Model,
            Data = Data,
            Train = plan,
            Distill = Distilling,
        };
}

/// <summary>A recipe whose network is trained.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record TrainedRecipe(RecipeDocument Document) : IRecipe, IDisplay
{
    /// <summary>The recipe as a table.</summary>
    public string ToHtml() => Document.ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Document.ToString();

    /// <summary>Folds the trained network; the run fails when outputs move by more than the tolerance, relative.</summary>
    public FoldedRecipe Reparameterize(double tolerance = 1e-4) =>
        new(Document with { Reparameterize = new ReparameterizeOptions { Tolerance = tolerance } });

    /// <summary>Measures the trained network on corrupted test images too, each kind at all severities (ImageNet-C); none leaves it out.</summary>
    public TrainedRecipe Corrupt(params IReadOnlyList<CorruptionKind> kinds) =>
        this with
        {
            Document = Document with { Corrupt = kinds.Count > 0 ? kinds : null },
        };

    /// <summary>Saves the trained weights as safetensors in the run's folder.</summary>
    public TrainedRecipe Save(string file) => this with { Document = Document with { Save = file } };

    /// <summary>Exports the trained network as ONNX into the run's folder; the run fails when ONNX Runtime computes something else.</summary>
    /// <exception cref="RecipesException">The name does not end in .onnx.</exception>
    public TrainedRecipe Export(string file) => this with { Document = Document.Exported(file) };
}

/// <summary>A recipe whose network is trained and folded; what is folded can be neither trained nor folded again.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record FoldedRecipe(RecipeDocument Document) : IRecipe, IDisplay
{
    /// <summary>The recipe as a table.</summary>
    public string ToHtml() => Document.ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Document.ToString();

    /// <summary>Measures the folded network on corrupted test images too, each kind at all severities (ImageNet-C); none leaves it out.</summary>
    public FoldedRecipe Corrupt(params IReadOnlyList<CorruptionKind> kinds) =>
        this with
        {
            Document = Document with { Corrupt = kinds.Count > 0 ? kinds : null },
        };

    /// <summary>Saves the folded weights as safetensors in the run's folder.</summary>
    public FoldedRecipe Save(string file) => this with { Document = Document with { Save = file } };

    /// <summary>Exports the folded network as ONNX into the run's folder; the run fails when ONNX Runtime computes something else.</summary>
    /// <exception cref="RecipesException">The name does not end in .onnx.</exception>
    public FoldedRecipe Export(string file) => this with { Document = Document.Exported(file) };
}
