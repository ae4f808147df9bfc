package dashboard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"reflect"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/setup"
	"domdoc/ui/dashboard/terminal"

	tea "github.com/charmbracelet/bubbletea"
)

// shutdown is how long Run waits for running work to end.
const shutdown = 2 * time.Second

// CrashError is a bug in domdoc that ended the dashboard. The terminal has been restored.
type CrashError struct {
	value any
	log   string // the path of the log with the stack; empty if there is none
	stack string // the stack, if there is no log
}

func (e *CrashError) Error() string {
	return fmt.Sprintf("the dashboard crashed because of a bug in domdoc (%v)", page.Printable(fmt.Sprint(e.value)))
}

// Hint says where the log is.
func (e *CrashError) Hint() string {
	if e.log != "" {
		return "please report it and attach the end of " + e.log
	}
	return "please report it with this:\n" + e.stack
}

// CheckKeys returns the mistakes in the keys of the config file, by the action that it names.
func CheckKeys(keys map[string][]string) map[string][]string { return action.CheckKeys(keys) }

// Run shows the dashboard until the user quits or ctx ends. In every case, the terminal is restored, the state is
// saved, and running diagnoses are stopped. It returns nil when the user quits, ctx's error when ctx ended,
// context.Canceled when the process was interrupted from outside, setup.ErrHangup when its terminal is gone, a
// *KeyError for invalid keys, and a *CrashError for a bug in domdoc.
func Run(ctx context.Context, given setup.Options) error {
	if given.Doctor == nil {
		return errors.New("the dashboard needs a doctor")
	}
	opt := options{Options: withDefaults(given)}
	// Bubble Tea's own handler may wait forever to deliver a signal to a loop that ctx has ended.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer onHangup(func() { cancel(setup.ErrHangup) })()
	out := terminal.NewOutput(opt.Out)
	opt.emit, opt.root = out.Emit, ctx
	r := &root{ctx: ctx, cancel: func() { cancel(nil) }, log: terminal.NewLogFile(opt.StateDir), opt: opt}
	defer r.log.Close()
	var err error
	if r.model, err = newModel(ctx, opt); err != nil {
		return err
	}
	defer r.log.TakeLogs()()
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithOutput(out.ForTea(opt.Plain)),
		tea.WithEnvironment(opt.Env), tea.WithoutSignalHandler(),
	}
	if opt.Plain {
		r.printer = newPlainPrinter(out)
		defer r.printer.close()
	} else {
		options = append(options, tea.WithAltScreen())
	}
	if opt.In != os.Stdin { // by default, Bubble Tea opens the terminal itself if stdin is not one
		options = append(options, tea.WithInput(opt.In))
	}
	_, err = tea.NewProgram(r, options...).Run()
	parent := ctx.Err()
	if cause := context.Cause(ctx); errors.Is(cause, setup.ErrHangup) {
		parent = cause
	}
	cancel(nil)
	func() {
		defer r.guard() // the model may be what failed
		r.model.saveNow()
		r.model.saveResultsNow()
	}()
	r.model.wait(shutdown)
	r.model.Archive.Close()
	if r.model.opt.Close != nil {
		r.model.opt.Close()
	}
	r.left.Wait()
	switch crash := r.crashed(); {
	case crash != nil:
		return crash
	case err == nil:
		return nil
	case errors.Is(err, tea.ErrInterrupted):
		return context.Canceled
	case errors.Is(err, tea.ErrProgramPanic): // in Bubble Tea itself, which printed the stack
		return &CrashError{value: err, stack: "the output above"}
	case parent != nil:
		return parent
	}
	return fmt.Errorf("showing the dashboard: %w", err)
}

// onHangup calls end when the terminal's window is closed: the state must still be saved. It returns a function that
// stops this.
func onHangup(end func()) (stop func()) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		select {
		case <-hangup:
			end()
		case <-done:
		}
	}()
	return func() {
		signal.Stop(hangup)
		close(done)
	}
}

// root is what Bubble Tea runs: the model with protection around it. A panic ends the program in an orderly way. A
// message goes only to the model that requested it. When the profile is switched, another model replaces the current
// one.
type root struct {
	opt     options
	ctx     context.Context // ends with the program
	cancel  context.CancelFunc
	log     *terminal.LogFile
	model   *model
	printer *plainPrinter  // nil if frames are drawn
	epoch   int            // counts the models
	left    sync.WaitGroup // previous models that are being closed

	mu    sync.Mutex // guards following
	crash *CrashError
}

// ownMsg is a message of one of our commands, with the model it is for.
type ownMsg struct {
	epoch int
	msg   tea.Msg
}

func (r *root) Init() (cmd tea.Cmd) {
	defer r.guard()
	return r.own(r.model.Init())
}

func (r *root) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer r.guard()
	if o, ok := msg.(ownMsg); ok {
		if o.epoch != r.epoch {
			return r, nil
		}
		msg = o.msg
	}
	switch msg := msg.(type) {
	case profileMsg:
		return r, r.own(r.another(msg))
	case modelMsg:
		return r, r.replace(msg)
	}
	news := r.printer != nil && r.model.news(msg)
	_, cmd = r.model.Update(msg)
	if r.printer != nil && (news || r.model.news(msg)) {
		r.printer.show(r.model.plain())
	}
	return r, r.own(cmd)
}

func (r *root) View() string {
	defer r.guard()
	return r.model.View()
}

// guard is deferred by everything that runs our code: a panic is logged and ends the program, which then restores the
// terminal.
func (r *root) guard() {
	if v := recover(); v != nil {
		r.note(v, debug.Stack())
	}
}

func (r *root) note(v any, stack []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.crash == nil {
		r.crash = &CrashError{value: v}
		if r.log.Fault(time.Now(), r.opt.Version, v, stack) {
			r.crash.log = r.log.Path()
		} else {
			r.crash.stack = string(stack)
		}
	}
	r.cancel()
}

func (r *root) crashed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.crash == nil {
		return nil
	}
	return r.crash
}

// own delivers a command's messages to the model that started it, and catches its panics.
func (r *root) own(cmd tea.Cmd) tea.Cmd { return r.ownOf(r.epoch, cmd) }

func (r *root) ownOf(epoch int, cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer r.guard()
		switch msg := cmd().(type) {
		case nil:
			return nil
		case tea.BatchMsg:
			for i, c := range msg {
				msg[i] = r.ownOf(epoch, c)
			}
			return msg
		default:
			if reflect.TypeOf(msg).PkgPath() == reflect.TypeFor[tea.QuitMsg]().PkgPath() {
				return msg // for Bubble Tea: to quit, to suspend
			}
			return ownMsg{epoch, msg}
		}
	}
}
