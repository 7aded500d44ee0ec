namespace Recipes.Training;

/// <summary>Sums over the present epoch and the run so far; all of it goes into a checkpoint.</summary>
internal sealed record RunTotals
{
    /// <summary>Epochs that are over and evaluated.</summary>
    public int CompletedEpochs { get; set; }

    /// <summary>Training samples of the present epoch.</summary>
    public long Images { get; set; }

    /// <summary>Samples of the present epoch in steps that were finite.</summary>
    public long Counted { get; set; }

    /// <summary>Sum of the losses of these samples.</summary>
    public double LossSum { get; set; }

    /// <summary>Training time of the present epoch in seconds.</summary>
    public double EpochSeconds { get; set; }

    /// <summary>Steps of the present epoch that were left out.</summary>
    public int EpochSkipped { get; set; }

    /// <summary>Steps of the run that were left out.</summary>
    public int Skipped { get; set; }

    /// <summary>Time of earlier processes in seconds.</summary>
    public double EarlierSeconds { get; set; }

    /// <summary>The last losses, oldest first.</summary>
    public List<double> Recent { get; set; } = [];

    /// <summary>Finished epochs.</summary>
    public List<EpochRow> History { get; set; } = [];

    public double LastLoss => Recent.Count > 0 ? Recent[^1] : double.NaN;

    public void Add(double loss, int images, bool finite)
    {
        Images += images;
        if (finite)
        {
            Counted += images;
            LossSum += loss * images;
        }
        else
        {
            EpochSkipped++;
            Skipped++;
        }
        Recent.Add(loss);
        if (Recent.Count > 5)
            Recent.RemoveAt(0);
    }

    /// <summary>Takes over what a checkpoint holds.</summary>
    public void CopyFrom(RunTotals other)
    {
        (CompletedEpochs, Images, Counted, LossSum) = (other.CompletedEpochs, other.Images, other.Counted, other.LossSum);
        (EpochSeconds, EpochSkipped, Skipped, EarlierSeconds) = (
            other.EpochSeconds,
            other.EpochSkipped,
            other.Skipped,
            other.EarlierSeconds
        );
        (Recent, History) = (other.Recent, other.History);
    }

    public void EndEpoch(TrainState state, Evaluation? test, Evaluation? ema)
    {
        History.Add(
            new EpochRow
            {
                Epoch = state.Epoch,
                Step = state.Step,
                TrainLoss = LossSum / Counted,
                LearningRate = state.LearningRate,
                WeightDecay = state.WeightDecay,
                TestLoss = test?.Loss,
                Top1 = Finite(test?.Top1),
                Top5 = Finite(test?.Top5),
                EmaLoss = ema?.Loss,
                EmaTop1 = Finite(ema?.Top1),
                Numbers = test is { Numbers.Count: > 0 } ? test.Numbers : null,
                ImagesPerSecond = EpochSeconds > 0 ? Images / EpochSeconds : 0,
                Seconds = EpochSeconds,
                Skipped = EpochSkipped,
            }
        );
        CompletedEpochs++;
        (Images, Counted, LossSum, EpochSeconds, EpochSkipped) = (0, 0, 0, 0, 0);
    }

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
