using Recipes.Display;

namespace Recipes.Reproductions;

/// <summary>A finished run.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record RunOutcome(Reproduction Reproduction, Results Results, IReadOnlyList<Claim> Claims, RunFolder Folder, RunFacts Facts)
    : IDisplay
{
    /// <summary>Claims, trainings, and what the run took.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>Claims, trainings, and what the run took, as text.</summary>
    public override string ToString() => Show().ToString();

    private Blocks Show() =>
        new([
            ClaimsTable.From(Claims),
            .. Results.Arms.Count > 0 ? [Results.Trainings()] : Array.Empty<Block>(),
            Table
                .With(Column.Text("Run"), Column.Text("Took"), Column.Text("Peak memory"), Column.Text("Device"))
                .Row(Folder.Path, TimeSpan.FromSeconds(Facts.Seconds), Numbers.Bytes(Facts.PeakMemory), Facts.Device),
        ]);

    /// <summary>No claim fails. Claims that were not attempted do not count.</summary>
    public bool Passed => Claims.All(c => c.Verdict != Verdict.Fails);
}

/// <summary>What a run took.</summary>
/// <param name="Seconds">Time of this process.</param>
/// <param name="PeakMemory">Largest resident memory in bytes.</param>
/// <param name="Device">Where networks ran.</param>
public sealed record RunFacts(double Seconds, long PeakMemory, string Device);

/// <summary>Watches a reproduction run: the command's terminal, or a notebook.</summary>
public interface IRunObserver
{
    /// <summary>The folder is open; so many trainings follow.</summary>
    void Started(RunFolder folder, int trainings);

    /// <summary>One training begins; what it returns watches it.</summary>
    Training.ITrainingObserver? ArmStarted(string arm, long seed, int number);

    /// <summary>Something that several trainings need is made, such as a teacher; what it returns watches it.</summary>
    Training.ITrainingObserver? Preparing(string what) => null;

    /// <summary>One training is over, or was found finished (<paramref name="resumed"/>).</summary>
    void ArmFinished(ArmResult result, bool resumed);

    /// <summary>An arm does not run, for a reason.</summary>
    void ArmSkipped(string arm, string reason);

    /// <summary>A claim was judged.</summary>
    void Judged(Claim claim);
}
