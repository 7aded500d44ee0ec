using System.Globalization;
using Recipes.Reproductions;
using Recipes.Training;

namespace Recipes.Notebook.Display;

/// <summary>Watches a reproduction run from a notebook: one bar over all its trainings, and a word on the one that runs.</summary>
public sealed class RunProgress : IRunObserver, ITrainingObserver
{
    private ProgressBar? _bar;
    private string _training = "";
    private int _number;

    /// <inheritdoc/>
    public void Started(RunFolder folder, int trainings) => _bar = new ProgressBar($"{trainings} trainings", Math.Max(1, trainings));

    /// <inheritdoc/>
    public ITrainingObserver? ArmStarted(string arm, long seed, int number)
    {
        (_training, _number) = ($"{arm}, seed {seed}", number);
        return this;
    }

    /// <inheritdoc/>
    public ITrainingObserver? Preparing(string what)
    {
        _bar?.Report(_number, "making " + what);
        return null;
    }

    /// <inheritdoc/>
    public void ArmFinished(ArmResult result, bool resumed) => _bar?.Report(_number + 1, $"{_training}: {result.Headline}");

    /// <inheritdoc/>
    public void ArmSkipped(string arm, string reason) => Console.WriteLine($"{arm}: not attempted: {reason}");

    /// <inheritdoc/>
    public void Judged(Claim claim) { }

    /// <inheritdoc/>
    public void Handle(TrainingEvent moment, TrainProgress progress)
    {
        if (moment == TrainingEvent.StepEnd)
        {
            var share = (double)progress.Step / Math.Max(1, progress.TotalSteps);
            _bar?.Report(
                _number + Math.Min(share, 0.99),
                string.Create(CultureInfo.InvariantCulture, $"{_training}: loss {progress.Loss:F3}")
            );
        }
    }
}
