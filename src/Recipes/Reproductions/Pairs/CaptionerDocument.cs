using Recipes.Data;
using Recipes.Models;
using Recipes.Training;

namespace Recipes.Reproductions;

/// <summary>A captioner as a recipe: the network, the captioned images that it learns from, and how (CoCa, arXiv 2205.01917).</summary>
public sealed record CaptionerDocument
{
    /// <summary>The network.</summary>
    public required CoCaSpec Model { get; init; }

    /// <summary>The images and captions; not those that it is to caption.</summary>
    public required CaptionData Data { get; init; }

    /// <summary>How to train.</summary>
    public required TrainPlan Train { get; init; }

    /// <summary>A recipe whose trained image tower the captioner begins with; null for fresh weights.</summary>
    public PairRecipeDocument? From { get; init; }

    /// <summary>A small captioner for Scenes that begins with a trained image tower, or it would learn colours and few shapes (not in a paper).</summary>
    /// <param name="from">The recipe of the tower.</param>
    /// <param name="image">The tower's spec.</param>
    /// <param name="data">The images and captions that it then learns from.</param>
    /// <param name="epochs">Passes over them.</param>
    /// <param name="seed">Of weights and order.</param>
    public static CaptionerDocument Mini(PairRecipeDocument from, ModelSpec image, CaptionData data, int epochs = 2, long seed = 3) =>
        new()
        {
            Model = CoCa.Mini(data.Size, image: image),
            From = from,
            Data = data,
            Train = new TrainPlan
            {
                Epochs = epochs,
                Optimizer = Optim.AdamW(2e-3, weightDecay: 0.05).WithRate("image", 0.5),
                LearningRate = Schedule.Cosine(warmup: 0.3),
                ClipNorm = 1,
                Seed = seed,
            },
        };

    /// <summary>Everything that keeps it from running.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var problem in Train.Problems().Concat(Data.Problems()).Concat(From?.Problems().Select(p => "from: " + p) ?? []))
            yield return problem;
        if (Model.Vocabulary < Data.Source.Vocabulary)
            yield return $"model: {Model.Name} knows {Model.Vocabulary} token ids, the tokenizer of {Data.Source.Name} has {Data.Source.Vocabulary}";
        if (Model.ImageSize != Data.Size)
            yield return $"data.size: expected the captioner's {Model.ImageSize} pixels, found {Data.Size}";
    }
}
