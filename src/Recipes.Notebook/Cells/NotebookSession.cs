using System.Runtime.ExceptionServices;
using Recipes.Notebook.Cells.Execution;
using Recipes.Notebook.Cells.Languages;
using Recipes.Notebook.Cells.Magics;
using Recipes.Notebook.Display;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Cells;

/// <summary>C# and F# cells in this process. One at a time: the console and unhandled exceptions belong to the process.</summary>
public sealed class NotebookSession : ICellSession
{
    private static readonly TimeSpan _cooperation = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _abortion = TimeSpan.FromSeconds(10);
    private static int _guarded;

    private readonly CellThread _thread = new();
    private readonly Dictionary<string, ICellLanguage> _languages = new(StringComparer.Ordinal);
    private readonly Lazy<Packages> _packages = new(() => new Packages());
    private readonly ChartPage _charts = new();
    private readonly Lock _one = new();
    private volatile CancellationTokenSource? _running;
    private CellContext? _last;

    /// <summary>An empty session.</summary>
    /// <param name="defaultLanguage"><c>csharp</c> or <c>fsharp</c>, or an alias.</param>
    /// <param name="warm">Starts the default language's compiler at once, beside the caller.</param>
    public NotebookSession(string defaultLanguage = CellLanguages.CSharp, bool warm = true)
    {
        DefaultLanguage = Known(defaultLanguage);
        CellConsole.Install();
        GuardProcess();
        _thread.Unobserved = e => Stray(_last, e);
        if (warm)
            _thread.Post(_ => Language(DefaultLanguage).RunAsync("0", "start", CancellationToken.None).GetAwaiter().GetResult(), null);
    }

    /// <inheritdoc/>
    public string DefaultLanguage { get; }

    /// <inheritdoc/>
    public int ExecutionCount { get; private set; }

    internal Packages Packages => _packages.Value;

    /// <inheritdoc/>
    public CellOutcome Run(CellRequest request, ICellHost host)
    {
        lock (_one)
        {
            if (!request.Silent)
                ExecutionCount++;
            using var cancellation = new CancellationTokenSource();
            using var context = new CellContext(host, ExecutionCount, cancellation.Token) { Charts = _charts };
            _charts.Begin(request.Code);
            _last = context;
            _running = cancellation;
            var failure = _thread.Run(() => RunAsync(request, context)) ?? context.Stray;
            _running = null;
            if (failure is null)
                return new CellOutcome(CellStatus.Ok, ExecutionCount);
            var interrupted = cancellation.IsCancellationRequested;
            var error = interrupted
                ? new CellOutput.Error("Interrupted", "The cell was interrupted.", ["The cell was interrupted."])
                : Traceback.Of(failure);
            context.Outputs.Emit(error);
            return new CellOutcome(interrupted ? CellStatus.Interrupted : CellStatus.Error, ExecutionCount, error);
        }
    }

    /// <inheritdoc/>
    public void Interrupt()
    {
        if (_running is not { } running)
            return;
        _ = Task.Run(() =>
        {
            try
            {
                running.Cancel();
            }
            catch (Exception e) when (e is ObjectDisposedException or AggregateException) { }
        });
        _ = Task.Delay(_cooperation)
            .ContinueWith(_ => ReferenceEquals(_running, running) && _thread.Interrupt(_abortion), TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public Completions Complete(string code, int cursor, string? language = null, CancellationToken cancellation = default) =>
        Ask(code, language, (l, text) => l.Complete(text, cursor, cancellation)) ?? Completions.None(cursor);

    /// <inheritdoc/>
    public MimeBundle? Inspect(string code, int cursor, string? language = null, CancellationToken cancellation = default) =>
        Ask(code, language, (l, text) => l.Inspect(text, cursor, cancellation));

    /// <inheritdoc/>
    public Completeness IsComplete(string code, string? language = null)
    {
        var result = Completeness.Complete;
        Ask<object>(
            code,
            language,
            (l, text) =>
            {
                result = l.IsComplete(text);
                return null;
            }
        );
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Interrupt();
        _thread.Dispose();
        if (_packages.IsValueCreated)
            _packages.Value.Dispose();
    }

    internal ICellLanguage Language(string name)
    {
        var known = Known(name);
        if (!_languages.TryGetValue(known, out var language))
            _languages[known] = language = known == CellLanguages.FSharp ? new FSharpLanguage() : new CSharpLanguage();
        return language;
    }

    internal IReadOnlyList<Variable> Variables(string language) =>
        _languages.TryGetValue(Known(language), out var known) ? known.Variables() : [];

    internal void AddPackage(string line)
    {
        var assemblies = Packages.Add(line);
        foreach (var language in _languages.Values)
            language.AddReferences(assemblies);
    }

    internal async Task ImportAsync(string file)
    {
        foreach (var (code, language) in Imported.Cells(file))
            await RunPartsAsync(CellSource.Parse(code, language), CellContext.Current!, []);
    }

    private static string Known(string language) =>
        CellLanguages.Find(language) is { } known and (CellLanguages.CSharp or CellLanguages.FSharp)
            ? known
            : throw CellException.Magic($"'{language}' is no language of this kernel. Known: csharp, fsharp.");

    private async Task RunAsync(CellRequest request, CellContext context)
    {
        CellContext.Current = context;
        var atEnd = new List<Action>();
        var parts = CellSource.Parse(request.Code, request.Language ?? DefaultLanguage);
        var value = await RunPartsAsync(parts, context, atEnd);
        if (value.Shown && !request.Silent)
            context.Outputs.Emit(new CellOutput.Result(ValueFormatter.Format(value.Value), context.Count));
        atEnd.ForEach(end => end());
    }

    private async Task<CellValue> RunPartsAsync(IReadOnlyList<CellPart> parts, CellContext context, List<Action> atEnd)
    {
        var value = CellValue.None;
        foreach (var part in parts)
        {
            // Only the last part's value is the cell's result.
            if (value.Shown)
                Displays.display(value.Value);
            value = CellValue.None;
            if (part.IsMagic)
                await MagicCommands.RunAsync(new MagicContext(this, part.Language, atEnd), part.Text);
            else if (CellContent.Show(part.Language, part.Text.Trim('\n')) is { } content)
                context.Outputs.Emit(new CellOutput.Display(content, null));
            else
                value = await Language(part.Language).RunAsync(part.Text, $"cell {context.Count}", context.Cancellation);
            if (value.Value is DisplayedValue)
                value = CellValue.None;
        }
        return value;
    }

    // Help for the part in which the cursor stands. While a cell runs there is none: compilers are not asked twice at once.
    private T? Ask<T>(string code, string? language, Func<ICellLanguage, string, T?> question)
        where T : class
    {
        if (_running is not null || !_one.TryEnter())
            return null;
        try
        {
            // The line that names the language becomes blank, so that the cursor keeps its place.
            var end = code.IndexOf('\n', StringComparison.Ordinal);
            var named = end > 0 ? CellLanguages.OfLine(code.AsSpan(0, end)) : null;
            var text = named is null ? code : new string(' ', end) + code[end..];
            T? answer = null;
            var failure = _thread.Run(() =>
            {
                answer = question(Language(named ?? language ?? DefaultLanguage), text);
                return Task.CompletedTask;
            });
            if (failure is not null and not (CellException or OperationCanceledException))
                ExceptionDispatchInfo.Throw(failure);
            return answer;
        }
        finally
        {
            _one.Exit();
        }
    }

    // What nobody catches on a thread or in an async void method of a cell is shown there; it does not end the process.
    private static void GuardProcess()
    {
        if (Interlocked.Exchange(ref _guarded, 1) == 1)
            return;
        // A cell may end the process; what it printed before is shown.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => CellContext.Current?.Outputs.Flush();
        ExceptionHandling.SetUnhandledExceptionHandler(e =>
        {
            if (CellContext.Current is not { } cell)
                return false;
            Stray(cell, e);
            return true;
        });
    }

    private static void Stray(CellContext? cell, Exception e)
    {
        cell?.Outputs.Print("stderr", "Unhandled, in the background: " + string.Join("\n", Traceback.Of(e).Traceback) + "\n");
        if (cell is not null)
            cell.Stray ??= e;
    }
}
