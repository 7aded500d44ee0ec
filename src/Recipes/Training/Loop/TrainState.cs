using System.Collections.Frozen;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>What algorithms see and may change inside a running loop.</summary>
public sealed class TrainState
{
    internal TrainState(TrainPlan plan, nn.Module module, int classes, FlatState weights)
    {
        (Plan, Module, Classes, Weights) = (plan, module, classes, weights);
    }

    /// <summary>The plan.</summary>
    public TrainPlan Plan { get; }

    /// <summary>The module in training.</summary>
    public nn.Module Module { get; }

    /// <summary>Number of classes; 0 where targets are not classes.</summary>
    public int Classes { get; }

    /// <summary>Optimizer steps of the whole training.</summary>
    public long TotalSteps { get; internal set; }

    /// <summary>Optimizer steps of one epoch.</summary>
    public int StepsPerEpoch { get; internal set; }

    /// <summary>Completed steps.</summary>
    public long Step { get; internal set; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; internal set; }

    /// <summary>Which batch of the step this is, from 0.</summary>
    public int Micro { get; internal set; }

    /// <summary>Image side that the data source is asked for at <see cref="TrainingEvent.EpochStart"/>; null is its own.</summary>
    public int? Size { get; set; }

    /// <summary>Multiplier on the augmentation's magnitude that the data source is asked for.</summary>
    public double Strength { get; set; } = 1;

    /// <summary>Inputs of the present batch, on the device.</summary>
    public Tensor Inputs { get; set; } = null!;

    /// <summary>Targets of the present batch, on the device: <c>[B]</c> int64, or soft <c>[B, C]</c>.</summary>
    public Tensor Targets { get; set; } = null!;

    /// <summary>Places of the present batch's samples in the data set; may be empty.</summary>
    public IReadOnlyList<int> Indices { get; internal set; } = [];

    /// <summary>Other tensors of the present batch by name, on the device; may be empty.</summary>
    public IReadOnlyDictionary<string, Tensor> More { get; internal set; } = FrozenDictionary<string, Tensor>.Empty;

    /// <summary>The present loss, a scalar.</summary>
    public Tensor Loss { get; set; } = null!;

    /// <summary>Learning rate of this step.</summary>
    public double LearningRate { get; set; }

    /// <summary>Weight decay of this step.</summary>
    public double WeightDecay { get; set; }

    /// <summary>2-norm of all gradients together, before clipping; set before <see cref="TrainingEvent.GradientsReady"/>.</summary>
    public double GradientNorm { get; internal set; }

    internal FlatState Weights { get; }

    /// <summary>A random stream that belongs to this very batch: the same after a resume.</summary>
    public Rng Stream(string name) => Rng.Stream(Plan.Seed, name, Step, Micro);

    /// <summary>Multiplies all gradients.</summary>
    public void ScaleGradients(double factor)
    {
        foreach (var group in Weights.Groups)
            group.Gradients!.mul_(factor);
    }
}
