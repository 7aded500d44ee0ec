using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;

namespace Recipes.Reproductions;

/// <summary>A network of images and captions without data yet.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record PairModelRecipe(ImageTextSpec Model) : IDisplay
{
    /// <summary>The network.</summary>
    public string ToHtml() => Model.ToHtml();

    /// <summary>The network as text.</summary>
    public override string ToString() => Model.ToString();

    /// <summary>Trains and measures on these captioned images.</summary>
    public PairTrainingRecipe On(CaptionData data) => new(Model, data, new TrainPlan { Epochs = 1 });

    /// <summary>Trains and measures on this source, as it is.</summary>
    public PairTrainingRecipe On(CaptionSource source) => On(new CaptionData(source));
}

/// <summary>A network of images and captions with data; how it trains can still change.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record PairTrainingRecipe(ImageTextSpec Model, CaptionData Data, TrainPlan Plan)
    : PlannedRecipe<PairTrainingRecipe>(Plan),
        IDisplay
{
    /// <summary>The recipe so far as a table.</summary>
    public string ToHtml() => Document(Plan).ToHtml();

    /// <summary>The recipe so far as a table of text.</summary>
    public override string ToString() => Document(Plan).ToString();

    /// <summary>What is stored before training.</summary>
    public ReinforceStep? Reinforcing { get; init; }

    /// <summary>The loss against stored teachers.</summary>
    public ContrastiveTargets? Distilling { get; init; }

    /// <summary>Pairs that go through the network at once.</summary>
    public int? Part { get; init; }

    /// <summary>Trains from a reinforced form of the data: stored augmentations, synthetic captions, teachers' embeddings (MobileCLIP, sec. 3).</summary>
    public PairTrainingRecipe Reinforce(ReinforceStep step) => this with { Reinforcing = step };

    /// <summary>Learns what the stored teachers say of each batch (MobileCLIP, sec. 3.1).</summary>
    public PairTrainingRecipe Distill(ContrastiveTargets by) => this with { Distilling = by };

    /// <summary>Caches gradients: so many pairs go through the network at once, whatever the batch (arXiv 2101.06983).</summary>
    public PairTrainingRecipe InParts(int pairs) => this with { Part = pairs };

    /// <summary>Trains for this many passes over the data.</summary>
    /// <exception cref="RecipesException">Something in the recipe cannot run; all problems together.</exception>
    public TrainedPairRecipe Train(int epochs)
    {
        var document = Document(Plan with { Epochs = epochs });
        RecipesException.ThrowIfAny("this recipe cannot run:", document.Problems());
        return new TrainedPairRecipe(document);
    }

    private PairRecipeDocument Document(TrainPlan plan) =>
        new()
        {
            Model = Model,
            Data = Data,
            Train = plan,
            Part = Part,
            Reinforce = Reinforcing,
            Distill = Distilling,
        };
}

/// <summary>A recipe whose network of images and captions is trained.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record TrainedPairRecipe(PairRecipeDocument Document) : IPairRecipe, IDisplay
{
    /// <summary>The recipe as a table.</summary>
    public string ToHtml() => Document.ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Document.ToString();

    /// <summary>Folds both towers; the run fails when outputs move by more than the tolerance, relative.</summary>
    public FoldedPairRecipe Reparameterize(double tolerance = 1e-4) =>
        new(Document with { Reparameterize = new ReparameterizeOptions { Tolerance = tolerance } });

    /// <summary>Saves the trained weights as safetensors in the run's folder.</summary>
    public TrainedPairRecipe Save(string file) => new(Document with { Save = file });
}

/// <summary>A recipe whose network of images and captions is trained and folded; what is folded can be neither trained nor folded again.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record FoldedPairRecipe(PairRecipeDocument Document) : IPairRecipe, IDisplay
{
    /// <summary>The recipe as a table.</summary>
    public string ToHtml() => Document.ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Document.ToString();

    /// <summary>Saves the folded weights as safetensors in the run's folder.</summary>
    public FoldedPairRecipe Save(string file) => new(Document with { Save = file });
}
