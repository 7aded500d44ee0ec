using Recipes.Data;
using Recipes.Models;
using Recipes.Training;

namespace Recipes.Verbs;

/// <summary>How an encoder is fine-tuned for a dense task.</summary>
public sealed record FineTuneOptions
{
    /// <summary>The head; null for UPerNet, for depth DPT, for boxes the head for boxes, all at the papers' widths.</summary>
    public DenseHeadSpec? Head { get; init; }

    /// <summary>How the network is trained.</summary>
    /// <value>Default 10 epochs of AdamW at 1e-4 with a cosine.</value>
    public TrainPlan Plan { get; init; } =
        new()
        {
            Epochs = 10,
            Optimizer = Optim.AdamW(1e-4),
            LearningRate = Schedule.Cosine(),
        };

    /// <summary>Whether the encoder keeps its weights, so that the head alone learns: a probe.</summary>
    public bool Frozen { get; init; }

    /// <summary>The factor on the learning rate from one layer of the encoder to the one before it; 1 trains all alike (BEiT, ViTDet: 0.7 to 0.9).</summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>How depths are compared.</summary>
    public DepthLoss DepthLoss { get; init; }

    /// <summary>The largest depth in metres that can be predicted.</summary>
    public double MaxDepth { get; init; } = 10;

    /// <summary>Test pictures that the evidence shows.</summary>
    public int Pictures { get; init; } = 4;

    /// <summary>The settings of ADE20K in GBC, sec. C, said to follow "CLIP with Quality Captions": AdamW at 1e-4, weight decay 0.01, a straight line down after 1,500 steps of warm-up.</summary>
    /// <param name="epochs">160,000 steps of 16 pictures are 127 epochs of ADE20K.</param>
    public static FineTuneOptions Paper(int epochs = 127) =>
        new()
        {
            Plan = new()
            {
                Epochs = epochs,
                Optimizer = Optim.AdamW(1e-4, weightDecay: 0.01),
                LearningRate = Schedule.Poly(1, warmup: 1.2),
            },
        };

    /// <summary>Everything that is out of range, one line each.</summary>
    public IReadOnlyList<string> Problems() =>
        [
            .. Plan.Problems(),
            .. Head?.Problems() ?? [],
            .. LayerDecay is > 0 and <= 1 ? [] : new[] { $"layerDecay: expected above 0 to 1, found {LayerDecay}" },
            .. Pictures >= 0 ? [] : new[] { $"pictures: expected at least 0, found {Pictures}" },
        ];

    internal DenseHeadSpec HeadFor(DenseTask task) =>
        Head
        ?? task switch
        {
            DenseTask.Depth => new DptSpec(),
            DenseTask.Boxes => new BoxHeadSpec(),
            _ => new UPerNetSpec(),
        };
}
