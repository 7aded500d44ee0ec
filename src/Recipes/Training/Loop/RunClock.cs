using System.Diagnostics;

namespace Recipes.Training;

/// <summary>Speed and time left. Evaluation and start-up do not count as training time.</summary>
internal sealed class RunClock(RunTotals totals)
{
    private const double Smoothing = 0.9;
    private readonly Stopwatch _total = Stopwatch.StartNew();
    private readonly Stopwatch _lap = new();
    private double _secondsPerStep;
    private double _secondsPerImage;

    public TimeSpan Elapsed => _total.Elapsed + TimeSpan.FromSeconds(totals.EarlierSeconds);

    public void Start() => _lap.Restart();

    public void Stop() => _lap.Stop();

    /// <summary>Ends a step of this many images.</summary>
    public void Lap(int images)
    {
        var seconds = _lap.Elapsed.TotalSeconds;
        _lap.Restart();
        totals.EpochSeconds += seconds;
        _secondsPerStep = Smooth(_secondsPerStep, seconds);
        _secondsPerImage = Smooth(_secondsPerImage, seconds / Math.Max(1, images));
    }

    public TrainProgress Progress(TrainState state, string? message, string? folder) =>
        new()
        {
            Step = state.Step,
            TotalSteps = state.TotalSteps,
            Epoch = state.Epoch,
            Epochs = state.Plan.Epochs,
            CompletedEpochs = totals.CompletedEpochs,
            Loss = totals.LastLoss,
            GradientNorm = state.GradientNorm,
            LearningRate = state.LearningRate,
            WeightDecay = state.WeightDecay,
            ImagesPerSecond = _secondsPerImage > 0 ? 1 / _secondsPerImage : 0,
            Elapsed = Elapsed,
            Remaining = _secondsPerStep > 0 ? TimeSpan.FromSeconds(_secondsPerStep * (state.TotalSteps - state.Step)) : null,
            Row = totals.History.Count > 0 ? totals.History[^1] : null,
            Message = message,
            Folder = folder,
        };

    private static double Smooth(double old, double now) => old == 0 ? now : Smoothing * old + (1 - Smoothing) * now;
}
