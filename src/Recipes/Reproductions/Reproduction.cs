using Recipes.Display;

namespace Recipes.Reproductions;

/// <summary>One variant of an experiment: a recipe for each seed.</summary>
/// <param name="Name">Short, for example <c>k=4</c>.</param>
/// <param name="Build">The recipe of the settings and a seed.</param>
public sealed record Arm(string Name, Func<Settings, long, IExperiment> Build)
{
    /// <summary>Whether missing data skips the arm (its claims are "not attempted") instead of ending the run.</summary>
    public bool Optional { get; init; }

    /// <summary>Why the arm does not run with these settings, or null.</summary>
    public Func<Settings, string?> Skip { get; init; } = _ => null;
}

/// <summary>A part of the report: a heading, prose, and things that show themselves.</summary>
public sealed record Section(string Heading, string Prose, Func<Results, IReadOnlyList<IDisplay>> Show);

/// <summary>One paper: arms, claims and what the report shows. A value; nothing runs until it is run.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Reproduction : IDisplay
{
    /// <summary>The paper.</summary>
    public required Paper Paper { get; init; }

    /// <summary>What <c>--set</c> can change.</summary>
    public IReadOnlyList<Setting> Settings { get; init; } = [];

    /// <summary>How many seeds, at each scale.</summary>
    public Setting<int> Seeds { get; init; } = Setting.Whole("seeds", 1, 3, 3, "seeds per arm; the report shows their spread");

    /// <summary>The arms, in the order in which they run.</summary>
    public IReadOnlyList<Arm> Arms { get; init; } = [];

    /// <summary>The claims, in the order in which they are shown.</summary>
    public IReadOnlyList<ClaimDefinition> Claims { get; init; } = [];

    /// <summary>What the report shows beside the claims and the curves.</summary>
    public IReadOnlyList<Section> Sections { get; init; } = [];

    /// <summary>Measured time at smoke and laptop scale on two cores, for <c>recipes list</c>.</summary>
    public string Time { get; init; } = "";

    /// <summary>An empty reproduction of a paper, to be built step by step.</summary>
    public static Reproduction Of(Paper paper) => new() { Paper = paper };

    /// <summary>Adds settings.</summary>
    public Reproduction With(params IReadOnlyList<Setting> settings) => this with { Settings = [.. Settings, .. settings] };

    /// <summary>Adds arms.</summary>
    public Reproduction With(params IReadOnlyList<Arm> arms) => this with { Arms = [.. Arms, .. arms] };

    /// <summary>Adds claims.</summary>
    public Reproduction With(params IReadOnlyList<ClaimDefinition> claims) => this with { Claims = [.. Claims, .. claims] };

    /// <summary>Adds parts of the report.</summary>
    public Reproduction With(params IReadOnlyList<Section> sections) => this with { Sections = [.. Sections, .. sections] };

    /// <summary>With another number of seeds.</summary>
    public Reproduction WithSeeds(Setting<int> seeds) => this with { Seeds = seeds };

    /// <summary>Says how long it takes.</summary>
    public Reproduction Taking(string time) => this with { Time = time };

    /// <summary>All settings, the number of seeds included.</summary>
    public IReadOnlyList<Setting> AllSettings => [.. Settings, Seeds];

    /// <summary>The paper, the arms, the claims with the paper's values, and the settings.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private HtmlReport Show() =>
        new HtmlReport(Paper.Title, Paper.Reference)
            .Fact("arms", string.Join(", ", Arms.Select(a => a.Name)))
            .Fact("time", Time.Length > 0 ? Time : "not measured")
            .Section(
                "Claims",
                Table.From(
                    Claims,
                    (Column.Text("Claim"), c => c.Id),
                    (Column.Text("Kind"), c => c.Kind.ToString().ToLowerInvariant()),
                    (Column.Text("Paper"), c => string.Join(", ", new[] { c.Paper, c.Where }.Where(t => t.Length > 0))),
                    (Column.Text("Holds when"), c => $"{c.Bound.Text} {c.Unit}".TrimEnd()),
                    (Column.Text("Statement"), c => c.Statement)
                )
            )
            .Section(
                "Settings",
                Table.From(
                    AllSettings,
                    (Column.Text("Setting"), s => s.Name),
                    (Column.Text("smoke"), s => s.DefaultAt(Scale.Smoke)),
                    (Column.Text("laptop"), s => s.DefaultAt(Scale.Laptop)),
                    (Column.Text("paper"), s => s.DefaultAt(Scale.Paper)),
                    (Column.Text("what it is"), s => s.About)
                )
            );
}
