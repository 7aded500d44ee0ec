using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;

namespace Recipes.Reproductions;

/// <summary>An encoder, trained or not, that is to be fine-tuned.</summary>
public sealed record DenseModelRecipe(Pretraining Pretrain)
{
    /// <summary>Fine-tunes and measures on these pictures.</summary>
    public DenseTrainingRecipe On(DenseData data) => new(Pretrain, data, new FineTuneOptions().Plan);
}

/// <summary>An encoder with pictures; head and training can still change.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record DenseTrainingRecipe(Pretraining Pretrain, DenseData Data, TrainPlan Plan)
    : PlannedRecipe<DenseTrainingRecipe>(Plan),
        IDisplay
{
    /// <summary>Head, what learns, depths.</summary>
    public FineTuneOptions Options { get; init; } = new() { Pictures = 0 };

    /// <summary>The recipe so far as a table.</summary>
    public string ToHtml() => Document(Plan).ToHtml();

    /// <summary>The recipe so far as a table of text.</summary>
    public override string ToString() => Document(Plan).ToString();

    /// <summary>The head; UPerNet, for depth DPT, for boxes the head for boxes unless given.</summary>
    public DenseTrainingRecipe Head(DenseHeadSpec head) => this with { Options = Options with { Head = head } };

    /// <summary>The encoder keeps its weights: a probe.</summary>
    public DenseTrainingRecipe Frozen() => this with { Options = Options with { Frozen = true } };

    /// <summary>The factor on the learning rate from one layer to the one before it.</summary>
    public DenseTrainingRecipe LayerDecay(double factor) => this with { Options = Options with { LayerDecay = factor } };

    /// <summary>The largest depth in metres, and how depths are compared.</summary>
    public DenseTrainingRecipe Depths(double most, DepthLoss loss = DepthLoss.ScaleInvariant) =>
        this with
        {
            Options = Options with { MaxDepth = most, DepthLoss = loss },
        };

    /// <summary>Fine-tunes for this many passes over the pictures.</summary>
    /// <exception cref="RecipesException">Something in the recipe cannot run; all problems together.</exception>
    public TrainedDenseRecipe Train(int epochs)
    {
        var document = Document(Plan with { Epochs = epochs });
        RecipesException.ThrowIfAny("this recipe cannot run:", document.Problems());
        return new TrainedDenseRecipe(document);
    }

    private DenseRecipeDocument Document(TrainPlan plan) =>
        new()
        {
            Pretrain = Pretrain,
            Data = Data,
            FineTune = Options with { Plan = plan },
        };
}

/// <summary>A recipe of dense prediction that can run.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record TrainedDenseRecipe(DenseRecipeDocument Document) : IExperiment, IDisplay
{
    /// <summary>The recipe as a table.</summary>
    public string ToHtml() => Document.ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Document.ToString();

    /// <summary>Saves the weights as safetensors in the run's folder.</summary>
    public TrainedDenseRecipe Save(string file) => new(Document with { Save = file });

    /// <summary>Exports the network as ONNX into the run's folder; the run fails when ONNX Runtime computes something else.</summary>
    /// <exception cref="RecipesException">The name does not end in .onnx.</exception>
    public TrainedDenseRecipe Export(string file)
    {
        var document = Document with { Export = file };
        RecipesException.ThrowIfAny("this recipe cannot run:", document.Problems());
        return new TrainedDenseRecipe(document);
    }

    /// <inheritdoc/>
    public JsonNode ToJson() => Document.ToJson();

    ArmResult IExperiment.Run(string arm, long seed, Surroundings surroundings)
    {
        using var outcome = DenseRunner.Run(this, surroundings);
        return outcome.Result(arm, seed, ToJson());
    }
}
